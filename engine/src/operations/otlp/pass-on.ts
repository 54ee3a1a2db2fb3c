import { divide } from './divide.ts'
import { inPlaceOf } from './in-place.ts'
import type { CallRef } from './records.ts'
import type { Request } from './request.ts'
import { above, modelAbove, type SpanMemo, type Trace } from './traces.ts'

/** Tells the nearest model span above of a call below it; where a span on the way is not known yet, that is kept for when it comes. */
export function passOn(request: Request, trace: Trace, memo: SpanMemo, ref: CallRef): void {
  const { chain, missing } = above(trace, memo)
  const parent = modelAbove(chain)
  if (parent === 'tool') return
  if (parent === null) {
    if (missing !== null) addTo(trace.orphans, missing, ref)
    return
  }
  if (parent.call !== null && !parent.holds) {
    const posted = parent.call
    if (posted === ref || posted.id === ref.id) return
    const { heir } = parent
    if (heir !== null && (ref.metered || heir.draft.metered || !posted.metered)) {
      divide(request, trace, { parent, posted }, ref)
      return
    }
    if (posted.draft === null) {
      // It was posted before the span between them came.
      request.later.push({ kind: 'linked', organization: ref.organization, above: posted.id, below: ref.id })
      if (ref.metered || !posted.metered) inPlaceOf(trace, parent, posted, [ref])
      return
    }
  }
  parent.below ??= []
  if (!parent.below.includes(ref)) parent.below.push(ref)
}

function addTo(lists: Map<string, CallRef[]>, key: string, ref: CallRef): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [ref])
  else if (!list.includes(ref)) list.push(ref)
}

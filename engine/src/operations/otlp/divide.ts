import { inPlaceOf } from './in-place.ts'
import { describeAgain, keep } from './merge.ts'
import { type CallDraft, type CallRef, usedBy } from './records.ts'
import type { Request } from './request.ts'
import type { SpanMemo, Trace } from './traces.ts'

/**
 * A call below a span that was posted as a call when nothing was known below it. The first one may be the same request, told of once more. When another comes,
 * the span is what holds them: they are posted, and it is set to zero; unless only it says what was used, or what it says is the first one's.
 */
export function belowPosted(
  request: Request,
  trace: Trace,
  { parent, posted }: { readonly parent: SpanMemo; readonly posted: CallRef },
  { memo, draft }: { readonly memo: SpanMemo; readonly draft: CallDraft },
): CallRef {
  const { heir } = parent
  const known = draft.metered || heir?.draft.metered === true
  if (posted.metered ? heir === null || !known : heir === null && !known) {
    parent.heir ??= { memo, draft }
    return describeAgain(request, posted, draft)
  }
  if (heir?.draft.metered === true && posted.used === usedBy(heir.draft.call)) return keep(request, draft, null)
  const refs = heir === null ? [] : [keep(request, heir.draft, null)]
  const [first] = refs
  if (heir !== null && first !== undefined) heir.memo.call = first
  const ref = keep(request, draft, null)
  refs.push(ref)
  if (posted.draft !== null) posted.draft.dropped = true
  else request.later.push({ kind: 'replaced', organization: posted.organization, existing: posted.id, by: (first ?? ref).id })
  inPlaceOf(trace, parent, posted, refs)
  return ref
}

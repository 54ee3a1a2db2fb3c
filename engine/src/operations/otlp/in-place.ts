import type { CallRef } from './records.ts'
import { above, modelAbove, type SpanMemo, type Trace } from './traces.ts'

/** Calls that stand where one was posted, for its span and for all above it that were taken for the same. */
export function inPlaceOf(trace: Trace, span: SpanMemo, posted: CallRef, refs: readonly CallRef[]): void {
  const [first] = refs
  if (first === undefined) return
  for (let at = span; ; ) {
    Object.assign(at, { call: first, holds: true, heir: null, below: [...refs] })
    const { chain, missing } = above(trace, at)
    const over = modelAbove(chain)
    if (over === 'tool') return
    const list = over === null ? (missing === null ? null : trace.orphans.get(missing)) : over.below
    const place = list?.indexOf(posted) ?? -1
    if (place >= 0) list?.splice(place, 1, ...refs.filter((ref) => !list.includes(ref)))
    if (over === null || over.call !== posted) return
    at = over
  }
}

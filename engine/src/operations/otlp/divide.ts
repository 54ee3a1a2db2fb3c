import { inPlaceOf } from './in-place.ts'
import { describeAgain, keep } from './merge.ts'
import { type CallDraft, type CallRef, usedBy } from './records.ts'
import type { Request } from './request.ts'
import type { Heir, SpanMemo, Trace } from './traces.ts'

/** A span that was posted as a call when nothing was known below it. */
export interface PostedSpan {
  readonly parent: SpanMemo
  readonly posted: CallRef
}

/**
 * A call below a span that was posted. The first one may be the same request, told of once more. When another comes, the span is what holds them, unless only it
 * says what was used.
 */
export function belowPosted(
  request: Request,
  trace: Trace,
  { parent, posted }: PostedSpan,
  { memo, draft }: { readonly memo: SpanMemo; readonly draft: CallDraft },
): CallRef {
  const { heir } = parent
  const known = draft.metered || heir?.draft.metered === true
  if (posted.metered ? heir === null || !known : heir === null && !known) {
    parent.heir ??= { memo, draft }
    return describeAgain(request, posted, draft)
  }
  const ref = keep(request, draft, null)
  divide(request, trace, { parent, posted }, ref)
  return ref
}

/** A span holds calls: the one that it was taken for is posted by itself and the span is set to zero, unless what the span says is that one's. */
export function divide(request: Request, trace: Trace, { parent, posted }: PostedSpan, ref: CallRef): void {
  const { heir } = parent
  if (heir?.draft.metered === true && posted.used === usedBy(heir.draft.call)) {
    Object.assign(parent, { holds: true, heir: null, below: [posted, ref] })
    return
  }
  const first = heir === null ? ref : postedApart(request, heir)
  if (posted.draft !== null) posted.draft.dropped = true
  else request.later.push({ kind: 'replaced', organization: posted.organization, existing: posted.id, by: first.id })
  inPlaceOf(trace, parent, posted, first === ref ? [ref] : [first, ref])
}

/** Posts what a span was taken for, by the lowest description of it that says what was used. */
function postedApart(request: Request, heir: Heir): CallRef {
  const taken = [heir]
  for (let lower = heir.memo.heir; lower !== null && (lower.draft.metered || !heir.draft.metered); lower = lower.memo.heir)
    taken.push(lower)
  const lowest = taken.at(-1) ?? heir
  const first = keep(request, lowest.draft, null)
  for (const { memo } of taken)
    Object.assign(memo, memo === lowest.memo ? { call: first } : { call: first, holds: true, heir: null, below: [first] })
  return first
}

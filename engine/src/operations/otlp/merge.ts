import { factOf, type SpanRecord, textFact } from '../../usage/index.ts'
import { type CallDraft, type CallRef, usedBy } from './records.ts'
import type { Request } from './request.ts'
import { outranks } from './told-again.ts'
import type { SpanMemo, Trace } from './traces.ts'

/** Keeps a draft, unless it is another description of a call: of one in this request, of one that another signal has told, or of an earlier one. */
export function keep(request: Request, draft: CallDraft, same: string | null): CallRef {
  const { organization, call } = draft
  const id = same ?? call.id
  const known = request.byId.get(`${organization}\n${id}`)
  if (known !== undefined) return describeAgain(request, known, draft)
  const ref: CallRef = { organization, id, metered: draft.metered, used: usedBy(call), draft: same === null ? draft : null }
  request.byId.set(`${organization}\n${id}`, ref)
  if (same === null) request.drafts.push(draft)
  else request.later.push({ kind: 'told_again', existing: same, draft })
  return ref
}

/** A call that is known is described again: now, where it has not been posted yet, else when it can be looked up. */
export function describeAgain(request: Request, known: CallRef, draft: CallDraft): CallRef {
  if (known.draft === null) request.later.push({ kind: 'told_again', existing: known.id, draft })
  else put(known.draft, draft)
  if (!known.metered && draft.metered) known.used = usedBy(draft.call)
  known.metered ||= draft.metered
  return known
}

/** The description that knows more gives usage and cost; who it was for comes from the one that is there. */
function put(into: CallDraft, other: CallDraft): void {
  into.items += other.items
  const better = other.metered === into.metered ? outranks(other.call.charge, into.call.charge) : other.metered
  if (!better) return
  into.call = {
    ...into.call,
    usage: other.call.usage,
    charge: other.call.charge,
    success: other.call.success,
    errorCode: other.call.errorCode,
    source: other.call.source,
  }
  into.metered = other.metered
}

/**
 * A model span with calls below it is those calls. One call: the span describes it again, unless it counts more than that one call, which others are yet to come
 * for. Several: they are billed and it is not, unless only it says what was used.
 */
export function absorb(request: Request, memo: SpanMemo, draft: CallDraft): void {
  const below = memo.below ?? []
  const [only] = below
  if (only === undefined) return
  memo.holds = true
  memo.call = only
  if (below.length === 1) {
    const isSum = draft.metered && only.metered && only.used !== usedBy(draft.call)
    if (!isSum) describeAgain(request, only, draft)
    return
  }
  if (!draft.metered || below.some(({ metered }) => metered)) return
  memo.holds = false
  memo.call = keep(request, draft, null)
  for (const ref of below) {
    ref.metered = true
    if (ref.draft === null) request.later.push({ kind: 'replaced', organization: ref.organization, existing: ref.id, by: memo.call.id })
    else ref.draft.dropped = true
  }
}

export interface Told {
  readonly span: Pick<SpanRecord, 'startUs' | 'endUs' | 'facts' | 'emitter'>
  readonly trace: Trace | null
  readonly dialect: string
  readonly signal: 'span' | 'event'
  readonly chain: readonly SpanMemo[]
}

/** Agents that tell a request by spans and by events, which share no id. */
const TOLD_TWICE = new Set(['codex', 'gemini-cli', 'claude-code'])

/** The id of a call that is posted and is this one; null where none is known. */
export function isSame(request: Request, draft: CallDraft, { span, trace, dialect, signal }: Told): string | null {
  if (TOLD_TWICE.has(dialect)) {
    const service = textFact(span.emitter.resource, 'service')
    const key = JSON.stringify([draft.organization, service, dialect, factOf(span.facts, 'input'), factOf(span.facts, 'output')])
    const id = request.receiver.same.match(key, { id: draft.call.id, signal, startUs: span.startUs, endUs: span.endUs })
    if (id !== null && id !== draft.call.id) return id
  }
  return trace === null ? null : earlierCall(trace, draft)
}

/** Only what was posted before this process remembers is compared by what it says: the same counters, one time within the other. */
function earlierCall({ earlier }: Trace, { call, metered, otherId }: CallDraft): string | null {
  if (earlier === null || earlier.some(({ id }) => id === call.id || id === otherId)) return null
  const model = call.usage.modelServed ?? call.usage.modelRequested
  const end = call.at + (call.latencyMs ?? 0)
  const [input, output] = [tokens(call, 'input'), tokens(call, 'output')]
  const found = earlier.find((other) => {
    const sameUse = !metered || !other.metered || (other.inputTokens === input && other.outputTokens === output)
    const within = (other.startMs >= call.at && other.endMs <= end) || (call.at >= other.startMs && end <= other.endMs)
    return sameUse && within && (other.model === model || other.model === null || model === null || !metered || !other.metered)
  })
  return found?.id ?? null
}

function tokens({ usage }: CallDraft['call'], family: 'input' | 'output'): number {
  let sum = 0
  for (const { meters } of usage.inferences) {
    for (const [meter, quantity] of Object.entries(meters)) if (meter === family || meter.startsWith(`${family}.`)) sum += quantity
  }
  return sum
}

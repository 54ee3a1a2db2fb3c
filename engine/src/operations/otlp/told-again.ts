import { type Picos, picos, type Refusal, type Result, ZERO } from '../../kernel/index.ts'
import { type CallRecord, type JournalEntry, postedSoFar, type RecordCommand } from '../../ledger/index.ts'
import type { Charge } from '../../pricing/index.ts'
import type { Caller, Services } from '../context.ts'
import type { CallDraft, Later } from './records.ts'

type Deps = Pick<Services, 'committer' | 'ledger' | 'now'>

/** How the call that stands in place of another is found again. */
const REPLACED = 'metered as call '
const CHAIN_MAX = 8

/**
 * A call that is posted is described again: by another instrumentation, another signal, or a span that came late. The call stays. What was
 * not metered and now is is posted under another id, and the first one is set to zero; of two that are metered the more detailed one gives the cost.
 * What came through another door (the gateway, the SDK) stands. Null: done; else why not.
 */
export async function settleLater(deps: Deps, caller: Caller, later: Later): Promise<Refusal | null> {
  if (later.kind === 'told_again') return toldAgain(deps, caller, later.draft, later.existing)
  const [from, to] = later.kind === 'replaced' ? [later.existing, later.by] : [later.above, later.below]
  const existing = await callOf(deps, later.organization, from)
  const other = await callOf(deps, later.organization, to)
  if (existing === null || other === null || isAnothers(caller, existing)) return null
  const swap = later.kind === 'linked' && isMetered(existing.call) && !isMetered(other.call)
  return swap ? zero(deps, caller, other, existing.call.id) : zero(deps, caller, existing, other.call.id)
}

interface Posted {
  readonly entry: JournalEntry
  readonly call: CallRecord
}

/** By its own id, or by the name that its provider gave to its answer: then it was metered on its way. */
async function callOf({ ledger }: Deps, organization: string, id: string): Promise<Posted | null> {
  const own = await ledger.findCall(organization, id)
  const named = own === null ? await ledger.findEntry(organization, 'call_alias', id) : null
  const entry = named?.event.kind === 'call_alias' ? await ledger.findCall(organization, named.event.alias.call) : own
  return entry?.event.kind === 'call' ? { entry, call: entry.event.call } : null
}

async function toldAgain(deps: Deps, caller: Caller, draft: CallDraft, id: string, depth = 0): Promise<Refusal | null> {
  const existing = await callOf(deps, draft.organization, id)
  if (existing === null) return post(deps, caller, draft, draft.call.id)
  if (!existing.call.source.startsWith('otlp') || isAnothers(caller, existing) || !draft.metered) return null
  const adjustments = await deps.ledger.findAdjustments(draft.organization, id)
  const replaced = adjustments.map(replacement).find((by) => by !== null)
  if (replaced !== null && replaced !== undefined) {
    return depth < CHAIN_MAX && replaced !== draft.otherId ? toldAgain(deps, caller, draft, replaced, depth + 1) : null
  }
  if (!isMetered(existing.call)) {
    const other = draft.otherId === id ? `${id}~metered` : draft.otherId
    return (await post(deps, caller, draft, other)) ?? zero(deps, caller, existing, other)
  }
  return refine(deps, caller, existing, adjustments, draft)
}

function replacement({ event }: JournalEntry): string | null {
  const reason = event.kind === 'adjustment' ? event.adjustment.reason : ''
  return reason.startsWith(REPLACED) ? reason.slice(REPLACED.length) : null
}

/** A key of one agent changes nothing of another's. */
function isAnothers({ agent }: Caller, { call }: Posted): boolean {
  return agent !== null && call.agent !== agent
}

function isMetered({ usage, success }: CallRecord): boolean {
  return usage.inferences.some(({ meters }) => Object.keys(meters).length > 0) || (!success && usage.inferences.length === 0)
}

async function post({ committer, now }: Deps, caller: Caller, draft: CallDraft, id: string): Promise<Refusal | null> {
  const call = id === draft.call.id ? draft.call : { ...draft.call, id }
  const outcome = await committer.submit(commandOf(caller, draft.organization, now(), { kind: 'call', call }))
  // Under an id of its own span it was posted before, or by a span that said a little less of whose it was.
  return outcome.ok || outcome.error.code === 'id_reused' ? null : outcome.error
}

const NOTHING_OWED: Omit<Charge, 'knownAt'> = {
  status: 'exact',
  amount: ZERO,
  lines: [],
  unpriced: [],
  alternatives: [],
  notes: [],
}

async function zero(deps: Deps, caller: Caller, existing: Posted, by: string): Promise<Refusal | null> {
  const { organization } = existing.entry
  const posted = postedSoFar(existing.entry, await deps.ledger.findAdjustments(organization, existing.call.id))
  const charge: Charge = { ...NOTHING_OWED, knownAt: deps.now() }
  return adjust(deps, caller, existing, { id: `${existing.call.id}~replaced`, posted, charge, reason: `${REPLACED}${by}` })
}

/** More meters outrank fewer, and of as many the higher amount: so that the order in which they come decides nothing. */
async function refine(
  deps: Deps,
  caller: Caller,
  existing: Posted,
  adjustments: readonly JournalEntry[],
  draft: CallDraft,
): Promise<Refusal | null> {
  const last = adjustments.at(-1)?.event
  const best = last?.kind === 'adjustment' ? last.adjustment.charge : existing.call.charge
  const { charge } = draft.call
  if (charge.amount === null || charge.amount === best.amount || !outranks(charge, best)) return null
  const posted = postedSoFar(existing.entry, adjustments)
  const reason = `told in more detail (${draft.call.source})`
  return adjust(deps, caller, existing, { id: `${existing.call.id}~${charge.lines.length}-${charge.amount}`, posted, charge, reason })
}

export function outranks(charge: Charge, than: Charge): boolean {
  if (than.amount === null || charge.amount === null) return than.amount === null && charge.amount !== null
  if (charge.lines.length !== than.lines.length) return charge.lines.length > than.lines.length
  return charge.amount > than.amount
}

interface Correction {
  readonly id: string
  readonly posted: Picos
  readonly charge: Charge
  readonly reason: string
}

async function adjust(deps: Deps, caller: Caller, existing: Posted, { id, posted, charge, reason }: Correction): Promise<Refusal | null> {
  const { organization } = existing.entry
  const delta = picos((charge.amount ?? 0n) - posted)
  const adjustment = { id, call: existing.call.id, delta, charge, reason, at: deps.now() }
  const outcome = await deps.committer.submit(commandOf(caller, organization, deps.now(), { kind: 'adjustment', adjustment }))
  return outcome.ok || !isStore(outcome) ? null : outcome.error
}

/** Somebody else corrected it meanwhile, or it was done before: nothing is wrong with what was sent. */
function isStore(outcome: Result<unknown> & { readonly ok: false }): boolean {
  return ['overloaded', 'unavailable', 'internal'].includes(outcome.error.code)
}

export function commandOf(caller: Caller, organization: string, recordedAt: number, event: RecordCommand['event']): RecordCommand {
  return { kind: 'record', organization, recordedAt, event, ...(caller.defaults === null ? {} : { keyAttribution: caller.defaults }) }
}

import { assert, fail, LIMITS, ok, type Picos, picos, type Refusal, type Result, refusal, usdOfPicos } from '../../kernel/index.ts'
import { FUNDING, transfersOfCost } from '../accounts.ts'
import { pauseTripped } from '../agent/agent-state.ts'
import { countPosted } from '../breaker/count.ts'
import { breakersIn } from '../breaker/draft-breakers.ts'
import { countSpent, giveBack } from '../budget/count.ts'
import { budgetsIn, endHold, holdIn } from '../budget/draft-budgets.ts'
import type { HoldState } from '../budget/hold-state.ts'
import { type Draft, type PostedWith, post, postedIn } from '../draft.ts'
import type { Attribution, CallRecord, HoldPlan, Inherited, JournalEntry, Posted, RecordCommand } from '../records.ts'
import { walletAccount } from '../wallet/accounts.ts'
import { walletIn } from '../wallet/standing.ts'
import { attributionDifference, type Difference, reused, timeDifference } from './difference.ts'
import { type Planned, scopeOf } from './hold.ts'
import { inherit } from './inherit.ts'
import { mentionRunOfCall, mentionSession } from './mention.ts'
import { usageDifference } from './usage-difference.ts'

/**
 * Posts a call: fills what it inherits, debits the seller's expense, credits the wallet of its agent, or the funding where it has none. An unpriced call moves nothing and is
 * posted all the same. A call that was held for is settled by this: what was held is given back. Its run, session and parent may arrive later. Refuses `id_reused`, `cycle`, `invalid_field`, in this order.
 */
export function recordCall(draft: Draft, command: RecordCommand, event: { readonly call: CallRecord }): Result<Posted> {
  const { organization } = command
  const { call } = event
  const first = postedIn(draft, organization, 'call', call.id)
  if (first !== undefined) return repeat(first, call)
  const named = knownAs(draft, organization, call.id)
  if (named !== null) return fail(named)
  if (call.parentCall === call.id) {
    return fail(refusal('cycle', `call "${call.id}" cannot be its own parent`, { path: '/parent_call_id' }))
  }
  const { amount } = call.charge
  if (amount !== null && amount < 0n) {
    return fail(refusal('invalid_field', 'the cost of a call cannot be negative', { path: '/cost_usd' }))
  }
  if (amount !== null && amount > COST_MAX) return fail(tooDear(amount))
  const hold = holdIn(draft, organization, call.id)
  const run = call.run ?? hold?.scope.runs[0] ?? null
  const late = mentionRunOfCall(draft, organization, { run, workflow: call.workflow })
  const { attribution, inherited } = inherit(draft, command, call, { run, ...(hold === null ? {} : { hold: hold.scope }) })
  mentionSession(draft, organization, attribution.session)
  const wallet = walletIn(draft, organization, attribution.agent) === null ? null : attribution.agent
  const filled = inherited.length === 0 && run === call.run ? call : withAttribution(call, attribution, run)
  const counts = counted(draft, command, filled, hold)
  const posted = post(
    draft,
    command,
    { kind: 'call', call: filled },
    {
      transfers: amount === null ? [] : transfersOfCost(call.usage.seller, amount, payer(wallet)),
      inherited: run === call.run ? inherited : [...inherited, 'run'],
      late,
      ...(wallet === null ? {} : { wallet }),
      ...counts,
    },
  )
  return counts.tripped === undefined ? posted : pauseTripped(draft, command, posted, counts.tripped)
}

/** Telemetry that tells of an answer by its provider's name, when the call was metered on its way and is posted under our own id. */
function knownAs(draft: Draft, organization: string, id: string): Refusal | null {
  const known = postedIn(draft, organization, 'call_alias', id)
  if (known?.event.kind !== 'call_alias') return null
  const { call } = known.event.alias
  return refusal('id_reused', `"${id}" is the provider's name of call "${call}", which is posted`, {
    path: '/call_id',
    facts: { call_id: call },
  })
}

/** What no call can cost: a counter or a price is wrong, and the projection could not hold it. */
export const COST_MAX: Picos = picos(BigInt(LIMITS.recordCostUsdMax) * 10n ** 12n)

export function tooDear(amount: Picos): Refusal {
  const detail = `a call cannot cost more than $${LIMITS.recordCostUsdMax}, and this comes to $${usdOfPicos(amount)}: look at its counters and its rates`
  return refusal('invalid_field', detail, { path: '/cost_usd' })
}

type CountedIn = Pick<PostedWith, 'settled' | 'crossed' | 'tripped'>

/** Gives back what was held for the call, and counts what it cost in every budget and breaker, in the periods in which it was held. */
function counted(draft: Draft, { organization, recordedAt: now }: RecordCommand, call: CallRecord, hold: HoldState | null): CountedIn {
  if (hold !== null) {
    giveBack(draft, hold)
    endHold(draft, hold)
  }
  const settled = hold === null ? {} : { settled: { at: hold.at, amount: hold.amount, plan: planOf(hold) } }
  const { amount } = call.charge
  const isWatched = breakersIn(draft, organization).length > 0
  const isBudgeted = amount !== null && budgetsIn(draft, organization).length > 0
  if (!isWatched && !isBudgeted) return settled
  const scope = scopeOf(draft, organization, plannedOf(call), call)
  const { success, fingerprint, at } = call
  return {
    ...settled,
    ...(isBudgeted ? { crossed: countSpent(draft, scope, hold?.at ?? at, amount).crossed } : {}),
    ...(isWatched ? { tripped: countPosted(draft, { scope, fingerprint, success, amount, at, now }, hold) } : {}),
  }
}

function planOf({ scope, tier, region, meters, fallback }: HoldState): HoldPlan {
  return { model: scope.model, seller: scope.seller, tier, region, meters, fallback }
}

/** The account that pays for a call of an agent: its wallet where it has one. What a call cost is paid, also when the wallet cannot. */
function payer(wallet: string | null): string {
  return wallet === null ? FUNDING : walletAccount(wallet)
}

/** What was known of a call before it was made, under the names of a hold. */
export function plannedOf({ run, key, usage }: CallRecord): Planned {
  return { run, key, model: usage.modelRequested, seller: usage.seller }
}

function repeat(first: JournalEntry, again: CallRecord): Result<Posted> {
  assert(first.event.kind === 'call', 'an entry is posted under its own kind')
  const difference = callDifference(first.event.call, again, first)
  return difference === null ? ok({ entry: first, replayed: true }) : fail(reused('call', again.id, difference))
}

/**
 * The first thing that the caller says otherwise now. What we made of it is not compared: the charge (rates may be known better now), the
 * evidence and notes of the usage, the key and source it came through, and times that were ours.
 */
function callDifference(first: CallRecord, again: CallRecord, entry: JournalEntry): Difference | null {
  return (
    attributionDifference(first, again, entry.inherited ?? []) ??
    usageDifference(first.usage, again.usage) ??
    plainDifference(first, again, entry.inherited ?? []) ??
    timeDifference(first, again)
  )
}

function plainDifference(first: CallRecord, again: CallRecord, inherited: readonly Inherited[]): Difference | null {
  for (const [field, path] of PLAIN_FIELDS) {
    const before = field === 'run' && inherited.includes('run') ? null : first[field]
    if (before !== again[field]) return { path, before, now: again[field] }
  }
  return null
}

const PLAIN_FIELDS = [
  ['run', '/workflow_id'],
  ['parentCall', '/parent_call_id'],
  ['latencyMs', '/latency_ms'],
  ['success', '/success'],
  ['errorCode', '/error'],
  ['fingerprint', '/prompt_fingerprint'],
] as const satisfies readonly (readonly [keyof CallRecord, string])[]

/** Written out: a spread of this many fields costs more than the rest of the decision. */
function withAttribution(call: CallRecord, to: Attribution, run: string | null): CallRecord {
  return {
    id: call.id,
    run,
    parentCall: call.parentCall,
    key: call.key,
    at: call.at,
    atGiven: call.atGiven,
    latencyMs: call.latencyMs,
    success: call.success,
    errorCode: call.errorCode,
    fingerprint: call.fingerprint,
    source: call.source,
    agent: to.agent,
    user: to.user,
    session: to.session,
    workflow: to.workflow,
    team: to.team,
    project: to.project,
    costCenter: to.costCenter,
    action: to.action,
    tags: to.tags,
    usage: call.usage,
    charge: call.charge,
  }
}

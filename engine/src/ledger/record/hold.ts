import { assert, fail, ok, picos, type Result, refusal } from '../../kernel/index.ts'
import { agentRefusal, pauseTripped } from '../agent/agent-state.ts'
import { amountHeld, breakerObjections, countHeld, watching } from '../breaker/count.ts'
import { breakerRefusal } from '../breaker/refusal.ts'
import { admit } from '../budget/admit.ts'
import { changeHeld } from '../budget/count.ts'
import { putHold } from '../budget/draft-budgets.ts'
import type { Standing } from '../budget/room.ts'
import { type CallScope, callScope, type PlannedCall } from '../budget/scope.ts'
import { type Draft, post, postedIn } from '../draft.ts'
import type { Attribution, Hold, HoldRequest, JournalEntry, Posted, RecordCommand } from '../records.ts'
import { limitsIn } from '../wallet/limits.ts'
import { WALLET_BUDGET } from '../wallet/standing.ts'
import { runChain } from './ancestry.ts'
import { refuseForBudgets } from './budget-exhausted.ts'
import { attributionDifference, type Difference, reused } from './difference.ts'
import { inherit } from './inherit.ts'
import { mentionRun, mentionSession } from './mention.ts'

/**
 * Holds the worst case of a call that is about to be made, in every budget that matches and in its agent's wallet at once, or in none. Refuses
 * `id_reused`, `already_ended` (the call is posted), `agent_paused`, `agent_stopped`, `throttled` and `breaker_open`, which name every breaker that
 * objects, `budget_exceeded` and `price_unknown`, which name every budget that objects and how it stands.
 */
export function recordHold(draft: Draft, command: RecordCommand, event: { readonly hold: HoldRequest }): Result<Posted> {
  const { organization } = command
  const { hold } = event
  const first = postedIn(draft, organization, 'hold', hold.id)
  if (first !== undefined) return repeat(first, hold)
  if (postedIn(draft, organization, 'call', hold.id) !== undefined) {
    return fail(refusal('already_ended', `call "${hold.id}" has been posted already`, { path: '/call_id' }))
  }
  const { attribution, inherited } = inherit(draft, command, hold, { run: hold.run })
  const halted = agentRefusal(draft, organization, attribution.agent)
  if (halted !== null) return fail(halted)
  const scope = scopeOf(draft, organization, hold, attribution)
  const watched = watching(draft, scope, hold.fingerprint)
  const asked = { scope, amount: amountHeld(hold), now: Math.max(hold.at, command.recordedAt) }
  const broken = breakerObjections(draft, watched, asked)
  if (broken.length > 0) return fail(breakerRefusal(broken, asked.now))
  const standings = limitsIn(draft, scope, hold.at)
  const admission = admit(standings, hold)
  if (!admission.admitted) {
    const about = { call: hold.id, agent: attribution.agent, model: hold.model, at: hold.at }
    return fail(refuseForBudgets(draft, command, about, admission.objections, standings))
  }
  mentionRun(draft, organization, hold.run)
  mentionSession(draft, organization, attribution.session)
  for (const { counter, amount } of admission.held) changeHeld(draft, counter, amount)
  const { breakers, trips } = countHeld(draft, watched, hold.at, asked)
  const { id, meters, at, deadline, amount, fallback, tier, region } = hold
  const { held } = admission
  putHold(draft, { organization, id, scope, meters, at, deadline, amount, fallback, held, expiredAt: null, tier, region, breakers })
  const granted = { kind: 'hold', hold: grantedHold(hold, attribution, held) } as const
  const posted = post(draft, command, granted, { inherited, tripped: trips })
  return pauseTripped(draft, command, posted.ok ? ok({ ...posted.value, standings: standingsAfter(standings, held) }) : posted, trips)
}

/** How the budgets stand with what is held in them now; a wallet is none of them. */
function standingsAfter(standings: readonly Standing[], held: Hold['held']): Standing[] {
  const after: Standing[] = []
  for (const standing of standings) {
    const { rule, counter } = standing.match
    if (rule.id === WALLET_BUDGET) continue
    const own = held.find((each) => each.counter === counter)
    after.push(own === undefined ? standing : { match: standing.match, spent: standing.spent, held: picos(standing.held + own.amount) })
  }
  return after
}

/** Written out: spreads of this many fields cost more than the rest of the decision. */
function grantedHold(hold: HoldRequest, to: Attribution, held: Hold['held']): Hold {
  return {
    id: hold.id,
    run: hold.run,
    key: hold.key,
    model: hold.model,
    seller: hold.seller,
    meters: hold.meters,
    asked: hold.asked,
    at: hold.at,
    deadline: hold.deadline,
    amount: hold.amount,
    fallback: hold.fallback,
    tier: hold.tier,
    region: hold.region,
    fingerprint: hold.fingerprint,
    agent: to.agent,
    user: to.user,
    session: to.session,
    workflow: to.workflow,
    team: to.team,
    project: to.project,
    costCenter: to.costCenter,
    action: to.action,
    tags: to.tags,
    held,
  }
}

/** What is known of a call before it is made, beside who and what. */
export interface Planned extends PlannedCall {
  readonly run: string | null
}

/** All that budgets can ask of a call or a hold: who and what, its run and those above, as known before an entry where one is said. */
export function scopeOf(
  draft: Draft,
  organization: string,
  planned: Planned,
  who: Attribution,
  before = Number.POSITIVE_INFINITY,
): CallScope {
  const { run } = planned
  const chain = runsAbove(draft, organization, run, before)
  // A run that only this call names has no row yet.
  const runs = run === null || chain.length > 0 ? chain : [run]
  return callScope(organization, runs, planned, who)
}

/** A run and those above it, as far as their starts had come before an entry: a run that is hung below another later is not counted there. */
function runsAbove(draft: Draft, organization: string, run: string | null, before: number): string[] {
  const chain = runChain(draft, organization, run)
  const end = chain.findIndex(({ startedSeq }) => startedSeq === null || startedSeq >= before)
  return (end === -1 ? chain : chain.slice(0, end + 1)).map(({ id }) => id)
}

function repeat(first: JournalEntry, again: HoldRequest): Result<Posted> {
  assert(first.event.kind === 'hold', 'an entry is posted under its own kind')
  const difference = holdDifference(first.event.hold, again, first)
  return difference === null ? ok({ entry: first, replayed: true }) : fail(reused('call', again.id, difference))
}

/** What the caller says otherwise now; amounts are ours, and rates may be known better now. */
function holdDifference(first: HoldRequest, again: HoldRequest, entry: JournalEntry): Difference | null {
  const attribution = attributionDifference(first, again, entry.inherited ?? [])
  if (attribution !== null) return attribution
  for (const [field, path] of PLAIN_FIELDS) {
    if (first[field] !== again[field]) return { path, before: first[field], now: again[field] }
  }
  return metersDifference(first.asked, again.asked)
}

function metersDifference(first: HoldRequest['asked'], again: HoldRequest['asked']): Difference | null {
  for (const field of Object.keys({ ...first, ...again }).sort()) {
    const before = first[field] ?? null
    const now = again[field] ?? null
    if (before !== now) return { path: `/${field}`, before, now }
  }
  return null
}

const PLAIN_FIELDS = [
  ['run', '/workflow_id'],
  ['model', '/model'],
  ['seller', '/provider'],
  ['tier', '/service_tier'],
  ['region', '/region'],
  ['fingerprint', '/prompt_fingerprint'],
] as const satisfies readonly (readonly [keyof HoldRequest, string])[]

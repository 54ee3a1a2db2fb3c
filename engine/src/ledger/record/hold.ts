import { assert, fail, ok, type Refusal, type Result, refusal, usdOfPicos } from '../../kernel/index.ts'
import { agentRefusal, pauseTripped } from '../agent/agent-state.ts'
import { amountHeld, breakerObjections, countHeld, watching } from '../breaker/count.ts'
import { breakerRefusal } from '../breaker/refusal.ts'
import { admit, mostThatFits, type Objection } from '../budget/admit.ts'
import { changeHeld, matchesIn, standingIn } from '../budget/count.ts'
import { putHold } from '../budget/draft-budgets.ts'
import type { Standing } from '../budget/room.ts'
import type { CallScope } from '../budget/scope.ts'
import { type Draft, post, postedIn } from '../draft.ts'
import type { Attribution, HoldRequest, JournalEntry, Posted, RecordCommand } from '../records.ts'
import { runChain } from './ancestry.ts'
import { attributionDifference, type Difference, reused } from './difference.ts'
import { inherit } from './inherit.ts'
import { mentionRun, mentionSession } from './mention.ts'

/**
 * Holds the worst case of a call that is about to be made, in every budget that matches at once or in none. Refuses `id_reused`,
 * `already_ended` (the call is posted), `agent_paused`, `agent_stopped`, `throttled` and `breaker_open`, which name every breaker that objects, `budget_exceeded` and `price_unknown`, which name every budget.
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
  const standings = matchesIn(draft, scope, hold.at).map((match) => standingIn(draft, match))
  const admission = admit(standings, hold)
  if (!admission.admitted) return fail(budgetRefusal(admission.objections, standings))
  mentionRun(draft, organization, hold.run)
  mentionSession(draft, organization, attribution.session)
  for (const { counter, amount } of admission.held) changeHeld(draft, counter, amount)
  const { breakers, trips } = countHeld(draft, watched, hold.at, asked)
  const { id, meters, at, deadline, amount, fallback } = hold
  putHold(draft, { organization, id, scope, meters, at, deadline, amount, fallback, held: admission.held, expiredAt: null, breakers })
  const granted = { kind: 'hold', hold: { ...hold, ...attribution, held: admission.held } } as const
  return pauseTripped(draft, command, post(draft, command, granted, { inherited, tripped: trips }), trips)
}

/** What is known of a call before it is made, beside who and what. */
export interface Planned {
  readonly run: string | null
  readonly model: string | null
  readonly seller: string
  readonly key: string | null
}

/** All that budgets can ask of a call or a hold: who and what, its run and those above, as known before an entry where one is said. */
export function scopeOf(
  draft: Draft,
  organization: string,
  { run, model, seller, key }: Planned,
  { agent, user, session, workflow, team, project, costCenter, action, tags }: Attribution,
  before = Number.POSITIVE_INFINITY,
): CallScope {
  const chain = runsAbove(draft, organization, run, before)
  // A run that only this call names has no row yet.
  const runs = run === null || chain.length > 0 ? chain : [run]
  return { organization, runs, model, seller, key, agent, user, session, workflow, team, project, costCenter, action, tags }
}

/** A run and those above it, as far as their starts had come before an entry: a run that is hung below another later is not counted there. */
function runsAbove(draft: Draft, organization: string, run: string | null, before: number): string[] {
  const chain = runChain(draft, organization, run)
  const end = chain.findIndex(({ startedSeq }) => startedSeq === null || startedSeq >= before)
  return (end === -1 ? chain : chain.slice(0, end + 1)).map(({ id }) => id)
}

/** Names every budget that objects and how it stands, and the most that would fit into all of them. */
export function budgetRefusal(objections: readonly Objection[], standings: readonly Standing[]): Refusal {
  const most = mostThatFits(standings)
  const overLimit = objections.filter(({ reason }) => reason === 'limit')
  const facts = {
    refused_by: objections.map(factsOf),
    ...(most === null ? {} : { most_that_fits_usd: usdOfPicos(most) }),
  }
  const [first] = overLimit
  if (first === undefined) {
    return refusal('price_unknown', 'no price is known for this model, and a budget does not let unknown prices pass', {
      path: '/model',
      facts,
    })
  }
  const { match, spent, held } = first.standing
  const others = overLimit.length === 1 ? '' : ` and ${overLimit.length - 1} more`
  const detail =
    `the ${periodWord(first)}budget of $${usdOfPicos(match.rule.limit)} for ${match.rule.dimension} "${match.counter.value}"${others} ` +
    `does not allow $${usdOfPicos(first.requested ?? match.rule.limit)}: $${usdOfPicos(spent)} is spent and $${usdOfPicos(held)} held`
  return refusal('budget_exceeded', detail, { facts })
}

function periodWord({ standing }: Objection): string {
  const { unit } = standing.match.rule.period
  return unit === 'total' ? '' : `${unit === 'day' ? 'daily' : unit === 'rolling' ? 'rolling' : `${unit}ly`} `
}

/** How one budget stands that refuses, in the spelling of the wire. */
function factsOf({ standing, reason, requested }: Objection): Record<string, unknown> {
  const { match, spent, held } = standing
  const { rule, counter, resetsAt } = match
  return {
    budget_id: rule.id,
    name: rule.name,
    dimension: rule.dimension,
    value: counter.value,
    reason,
    limit_usd: usdOfPicos(rule.limit),
    spent_usd: usdOfPicos(spent),
    held_usd: usdOfPicos(held),
    requested_usd: requested === null ? null : usdOfPicos(requested),
    resets_at: resetsAt === null ? null : new Date(resetsAt).toISOString(),
  }
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
  ['fingerprint', '/prompt_fingerprint'],
] as const satisfies readonly (readonly [keyof HoldRequest, string])[]

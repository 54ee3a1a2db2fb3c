import type { CallQuery, CallStore, PriceableCall } from '../../calls/index.ts'
import { type Picos, picos, ZERO } from '../../kernel/index.ts'
import type { PriceOf, ReadExact } from '../cache/exact-call.ts'
import { avalanches } from './avalanches.ts'
import type { Failure, FailureCase } from './failure.ts'
import { retryCascades } from './retry-cascades.ts'
import { type Habit, HISTORY_MIN, tokenFailures, tokenSuspects } from './token-outliers.ts'

export interface ForensicQuestion extends CallQuery {
  readonly readExact: ReadExact
  readonly price: PriceOf
  /** Calls that are looked at, those posted last. */
  readonly examineMax?: number
}

export interface Forensics {
  /** Dearest excess first; those whose excess is not known last. */
  readonly failures: readonly Failure[]
  /** Exact: a call that shows two modes counts once, and no call for more than it cost. Null when nothing exact is known. */
  readonly excess: Picos | null
  /** What is estimated beside it, of cases that no exact figure is known of. */
  readonly estimatedExcess: Picos | null
  readonly examined: { readonly calls: number; readonly runs: number }
  /** Agents and actions, and workflows, of which there is too little history to say what is usual. */
  readonly shortHistory: readonly {
    readonly agent: string | null
    readonly action: string | null
    readonly workflow: string | null
    readonly seen: number
    readonly needed: number
  }[]
  readonly missing: readonly string[]
}

const EXAMINE_MAX = 5_000
/** Suspects that are priced again, the dearest. */
const PRICED_MAX = 200
const SHORT_SHOWN_MAX = 50
const RUNS_NEEDED = 10

/** Where a call or run cost far more than is usual for what it does: how it failed, and what that cost. */
export async function forensics(
  store: CallStore,
  { readExact, price, examineMax = EXAMINE_MAX, ...query }: ForensicQuestion,
): Promise<Forensics> {
  const calls = await store.lastPosted({ ...query, limit: examineMax })
  const many = await avalanches(
    store,
    calls.length < examineMax ? query : { ...query, from: calls.reduce((first, { at }) => Math.min(first, at), Number.MAX_SAFE_INTEGER) },
  )
  const habits = habitsOf(calls)
  const suspects = tokenSuspects(habits)
  const dearest = [...new Map(suspects.map(({ call }) => [call.seq, call])).values()].sort(byCost).slice(0, PRICED_MAX)
  const exact = dearest.length === 0 ? new Map() : await readExact(dearest)
  const failures = [...tokenFailures(suspects, exact, price), ...retryCascades(calls), ...many.failures]
  const short = habits.filter((habit) => habit.calls.length < HISTORY_MIN)
  return {
    failures: failures.sort((left, right) => descending(excessOf(left) ?? -1n, excessOf(right) ?? -1n)),
    excess: exactExcess(failures),
    estimatedExcess: estimatedExcess(failures),
    examined: { calls: calls.length, runs: many.runs },
    shortHistory: [
      ...short.map(({ agent, action, calls: seen }) => ({ agent, action, workflow: null, seen: seen.length, needed: HISTORY_MIN })),
      ...many.shortHistory.map(({ workflow, runs }) => ({ agent: null, action: null, workflow, seen: runs, needed: RUNS_NEEDED })),
    ].slice(0, SHORT_SHOWN_MAX),
    missing: missingOf(calls, many.unnamed),
  }
}

function habitsOf(calls: readonly PriceableCall[]): Habit[] {
  const groups = new Map<string, { organization: string; agent: string | null; action: string | null; calls: PriceableCall[] }>()
  for (const call of calls) {
    const { organization, agent, action } = call
    const key = JSON.stringify([organization, agent, action])
    const habit = groups.get(key) ?? { organization, agent, action, calls: [] }
    habit.calls.push(call)
    groups.set(key, habit)
  }
  return [...groups.values()]
}

/** The sum of what the cases of a failure are known to have cost more. */
export function excessOf({ cases }: Failure): Picos | null {
  const known = cases.flatMap(({ excess }) => (excess === null ? [] : [excess]))
  return known.length === 0 ? null : picos(known.reduce((sum, excess) => sum + excess, 0n))
}

function exactExcess(failures: readonly Failure[]): Picos | null {
  const byCall = new Map<number, { excess: bigint; cost: bigint }>()
  for (const [seq, { excess, cost }] of failures.flatMap(({ cases }) => cases.flatMap((one) => [...one.byCall]))) {
    byCall.set(seq, { excess: (byCall.get(seq)?.excess ?? 0n) + excess, cost })
  }
  if (byCall.size === 0) return failures.length === 0 ? ZERO : null
  let sum = 0n
  for (const { excess, cost } of byCall.values()) {
    if (excess > cost) sum += cost
    else sum += excess
  }
  return picos(sum)
}

function estimatedExcess(failures: readonly Failure[]): Picos | null {
  const estimated = failures.flatMap(({ cases }) => cases).filter((one: FailureCase) => one.excessBy === 'estimated')
  return estimated.length === 0 ? null : picos(estimated.reduce((sum, { excess }) => sum + (excess ?? 0n), 0n))
}

function missingOf(calls: readonly PriceableCall[], unnamedRuns: number): string[] {
  if (calls.length === 0) return ['No calls in this period: there is nothing to say.']
  const missing: string[] = []
  const count = (lacks: (call: PriceableCall) => boolean): number => calls.filter(lacks).length
  const say = (lacking: number, what: string): void => {
    if (lacking > 0) missing.push(`${lacking} of the ${calls.length} calls that were looked at ${what}`)
  }
  say(
    count((call) => call.agent === null),
    'name no agent, and are compared with each other; send agent_name.',
  )
  say(
    count((call) => call.runId === null),
    'are of no run: retries and avalanches among them are not seen; send workflow_id.',
  )
  say(
    count((call) => call.fingerprint === null),
    'have no fingerprint: retries among them are told by their size alone; send prompt_fingerprint.',
  )
  say(
    count((call) => call.usageEvidence === 'missing'),
    'did not say their tokens, and are not judged by them.',
  )
  say(
    count((call) => call.cost === null),
    'have no known price: what they cost more is not known; set their rates.',
  )
  if (unnamedRuns > 0)
    missing.push(`${unnamedRuns} runs are of no workflow, and their calls are compared with nothing; send workflow_name.`)
  return missing
}

function byCost(left: PriceableCall, right: PriceableCall): number {
  return descending(left.cost ?? -1n, right.cost ?? -1n) || left.seq - right.seq
}

function descending(left: bigint, right: bigint): number {
  return left === right ? 0 : left > right ? -1 : 1
}

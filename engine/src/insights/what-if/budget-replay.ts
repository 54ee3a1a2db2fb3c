import { type Millis, type Picos, picos } from '../../kernel/index.ts'
import {
  admit,
  type BudgetRule,
  type CallScope,
  type CounterKey,
  type CounterState,
  counterKey,
  emptyCounter,
  type Match,
  matchesOf,
  standingOf,
} from '../../ledger/index.ts'

/** A call that is put before a budget. */
export interface BudgetCall {
  readonly seq: number
  readonly callId: string
  /** When it counts: when it was held for, else when it happened. */
  readonly at: Millis
  readonly scope: CallScope
  /** With its corrections; null: unpriced. */
  readonly cost: Picos | null
  /** What was held for it; null where nothing was, or the cost is to decide. */
  readonly hold: { readonly amount: Picos | null; readonly fallback: Picos | null } | null
  /** Whether the question is about it; the others only fill the budget. */
  readonly isAsked: boolean
}

export interface Refusals {
  readonly calls: number
  readonly cost: Picos
  readonly refused: number
  readonly refusedCost: Picos
  readonly refusedUnpriced: number
}

/** What would have become of one value in one period; of a rolling window, in all of the time. */
export interface ReplayLine extends Refusals {
  readonly value: string
  readonly periodStart: Millis | null
  /** Let through, also before the time that was asked about. */
  readonly spent: Picos
  readonly firstRefusalAt: Millis | null
}

export interface BudgetReplay extends Refusals {
  readonly decidedByHold: number
  readonly lines: readonly ReplayLine[]
  readonly callIds: readonly string[]
  readonly runs: { readonly withCalls: number; readonly hit: number; readonly ids: readonly string[] }
}

/**
 * Puts calls before a budget, in the order of time, by the code that the ledger decides by: what is refused is not spent, what is let through counts at what it
 * cost. A call is refused when any of its values has no room (a call in nested runs has several), as a hold is granted by all or none.
 */
export function replayBudget(budget: BudgetRule, calls: readonly BudgetCall[], callIdsMax: number): BudgetReplay {
  const rule: BudgetRule = { ...budget, mode: 'hard' }
  const counters = new Map<string, CounterState>()
  const read = (key: CounterKey): CounterState => counters.get(counterKey(key)) ?? emptyCounter(key)
  const lines = new Map<string, MutableLine>()
  const sum = emptyRefusals()
  const runs = { asked: new Set<string>(), hit: new Set<string>() }
  const callIds: string[] = []
  let decidedByHold = 0
  for (const call of inOrder(calls)) {
    const matches = matchesOf([rule], call.scope, call.at)
    if (matches.length === 0) continue
    const worst = call.hold ?? { amount: call.cost, fallback: null }
    const { admitted } = admit(
      matches.map((match) => standingOf(match, read)),
      worst,
    )
    const cost = call.cost ?? picos(0n)
    const own = matches.map((match) => lineOf(lines, match))
    if (admitted) {
      for (const { counter } of matches) counters.set(counterKey(counter), { ...read(counter), spent: picos(read(counter).spent + cost) })
      for (const line of own) line.spent = picos(line.spent + cost)
    }
    if (!call.isAsked) continue
    if (call.hold !== null) decidedByHold += 1
    for (const each of [sum, ...own]) count(each, call, admitted)
    const [run] = call.scope.runs
    if (run !== undefined) runs.asked.add(run)
    if (admitted) continue
    for (const line of own) line.firstRefusalAt ??= call.at
    if (run !== undefined) runs.hit.add(run)
    if (callIds.length < callIdsMax) callIds.push(call.callId)
  }
  const asked = [...lines.values()].filter((line) => line.calls > 0).sort(byFirstRefusal)
  const hit = { withCalls: runs.asked.size, hit: runs.hit.size, ids: [...runs.hit].slice(0, callIdsMax) }
  return { ...sum, decidedByHold, lines: asked, callIds, runs: hit }
}

type MutableRefusals = { -readonly [K in keyof Refusals]: Refusals[K] }
type MutableLine = { -readonly [K in keyof ReplayLine]: ReplayLine[K] }

function emptyRefusals(): MutableRefusals {
  return { calls: 0, cost: picos(0n), refused: 0, refusedCost: picos(0n), refusedUnpriced: 0 }
}

function inOrder(calls: readonly BudgetCall[]): BudgetCall[] {
  return [...calls].sort((one, other) => one.at - other.at || one.seq - other.seq)
}

function lineOf(lines: Map<string, MutableLine>, { rule, counter }: Match): MutableLine {
  const { unit } = rule.period
  const start = unit === 'rolling' || unit === 'total' ? null : counter.start
  const key = `${start} ${counter.value}`
  const known = lines.get(key)
  if (known !== undefined) return known
  const line = { ...emptyRefusals(), value: counter.value, periodStart: start, spent: picos(0n), firstRefusalAt: null }
  lines.set(key, line)
  return line
}

function count(to: MutableRefusals, { cost }: BudgetCall, admitted: boolean): void {
  to.calls += 1
  to.cost = picos(to.cost + (cost ?? 0n))
  if (admitted) return
  to.refused += 1
  to.refusedCost = picos(to.refusedCost + (cost ?? 0n))
  if (cost === null) to.refusedUnpriced += 1
}

/** Those that refuse come first, the earliest refusal before the others. */
function byFirstRefusal(one: ReplayLine, other: ReplayLine): number {
  const [a, b] = [one.firstRefusalAt ?? Number.MAX_SAFE_INTEGER, other.firstRefusalAt ?? Number.MAX_SAFE_INTEGER]
  return a - b || (one.periodStart ?? 0) - (other.periodStart ?? 0) || (one.value < other.value ? -1 : 1)
}

import { type Millis, type Picos, picos } from '../../kernel/index.ts'
import type { Match } from './counting.ts'
import type { BudgetRule, CounterKey, CounterState } from './rule.ts'

/** How a budget stands for one value, and what was asked of it. */
export interface Standing {
  readonly match: Match
  readonly spent: Picos
  readonly held: Picos
}

/** Reads a counter as it stands now; one that nothing has touched is empty. */
export type CounterReader = (key: CounterKey) => CounterState

export function standingOf(match: Match, read: CounterReader): Standing {
  let spent = 0n
  let held = 0n
  for (const key of match.window) {
    const counter = read(key)
    spent += counter.spent
    held += counter.held
  }
  return { match, spent: picos(spent), held: picos(held) }
}

/** What may still be held: the limit less what is spent and held; negative when more was spent than the limit. */
export function roomIn({ match, spent, held }: Standing): Picos {
  return picos(match.rule.limit - spent - held)
}

/** Whether an amount more still keeps within the limit, to the pico. A call that costs nothing fits even where more was spent than allowed. */
export function fits(standing: Standing, amount: Picos): boolean {
  return amount === 0n || amount <= roomIn(standing)
}

export function emptyCounter(key: CounterKey): CounterState {
  const { organization, budget, value, start } = key
  return { organization, budget, value, start, spent: picos(0n), held: picos(0n), toldTo: picos(0n) }
}

/** A threshold of a budget that spending has reached, for one value in one period. Told once. */
export interface Crossing {
  readonly budget: string
  readonly value: string
  readonly periodStart: Millis
  /** Whole percent. */
  readonly threshold: number
  /** The spending at which it is reached. */
  readonly level: Picos
  readonly spent: Picos
  readonly limit: Picos
  /** The budget as it was then: it may be changed or gone when this is read. Absent in entries from before it was kept. */
  readonly rule?: CrossedRule
}

export interface CrossedRule extends Pick<BudgetRule, 'name' | 'dimension' | 'period' | 'zone' | 'mode'> {
  /** When what counted then begins to count no more; null for a budget of all time. */
  readonly resetsAt: Millis | null
  /** The threshold is not one of the budget's: it was told because someone listens for it. */
  readonly watched: boolean
}

/**
 * The thresholds whose level lies above what has been told and at or below what is spent now, ascending: one call may reach several. Exact: a
 * threshold of 90 % is reached at nine tenths of the limit and not a pico before. A limit of zero is reached by anything spent.
 */
export function crossingsOf(standing: Standing, toldTo: Picos): readonly Crossing[] {
  const { rule, counter, resetsAt } = standing.match
  const { spent } = standing
  const reached = levelsOf(rule).filter(({ level }) => level > toldTo && spent >= level)
  if (reached.length === 0) return NONE
  const { name, dimension, period, zone, mode, limit, id: budget } = rule
  return reached.map(({ threshold, level }) => {
    const watched = !rule.thresholds.includes(threshold)
    const about = { name, dimension, period, zone, mode, resetsAt, watched }
    return { budget, value: counter.value, periodStart: counter.start, threshold, level, spent, limit, rule: about }
  })
}

const NONE: readonly Crossing[] = []

/** A threshold, and the spending at which it is reached. */
type Level = Pick<Crossing, 'threshold' | 'level'>

/** Asked for with every call that counts. */
const levels = new WeakMap<BudgetRule, readonly Level[]>()

function levelsOf(rule: BudgetRule): readonly Level[] {
  const known = levels.get(rule)
  if (known !== undefined) return known
  const made = thresholdsOf(rule).map((threshold) => ({ threshold, level: levelOf(rule.limit, threshold) }))
  levels.set(rule, made)
  return made
}

/** Its own and those that someone listens for, ascending. */
function thresholdsOf({ thresholds, watched }: BudgetRule): readonly number[] {
  return watched === undefined ? thresholds : [...new Set([...thresholds, ...watched])].sort((a, b) => a - b)
}

/** The least whole number of picos that is so much percent of a limit, and one pico at the least. */
function levelOf(limit: Picos, threshold: number): Picos {
  const level = (limit * BigInt(threshold) + 99n) / 100n
  return picos(level > 0n ? level : 1n)
}

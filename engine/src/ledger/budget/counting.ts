import { assert, type Millis, type Period, periodAt } from '../../kernel/index.ts'
import { type BudgetRule, type CounterKey, EVERY_VALUE } from './rule.ts'
import { type CallScope, valuesIn } from './scope.ts'

/** A budget that a call counts against, for one value of its dimension. */
export interface Match {
  readonly rule: BudgetRule
  /** The counter that the call is counted in. */
  readonly counter: CounterKey
  /** The counters that add up to what the budget limits at this time: that one, and of a rolling window the steps around it. The oldest stands last. */
  readonly window: readonly CounterKey[]
  /** When what counts now begins to count no more; null for a budget of all time. */
  readonly resetsAt: Millis | null
}

/** Every budget that a call at a time counts against, in the order of the rules. A call without a value in a dimension is in no budget on it. */
export function matchesOf(rules: readonly BudgetRule[], scope: CallScope, at: Millis): Match[] {
  const matches: Match[] = []
  for (const rule of rules) {
    for (const value of valuesIn(scope, rule.dimension)) {
      if (rule.value === EVERY_VALUE || rule.value === value) matches.push(matchOf(rule, value, at))
    }
  }
  return matches
}

/** The counters of a rule for a value at a time, whether or not a call has that value. */
export function matchOf(rule: BudgetRule, value: string, at: Millis): Match {
  const { organization, id: budget, period, zone } = rule
  const keyAt = (start: Millis): CounterKey => ({ organization, budget, value, start })
  if (period.unit === 'rolling') {
    const { newest, starts } = rollingSteps(period.lengthMs, at)
    const resetsAt = newest + rollingStepMs(period.lengthMs) + period.lengthMs
    return { rule, counter: keyAt(newest), window: starts.map(keyAt), resetsAt }
  }
  const span = periodAt(period, at, zone)
  assert(span.ok, 'the period of a budget was checked when it was set')
  const counter = keyAt(span.value.start)
  return { rule, counter, window: [counter], resetsAt: period.unit === 'total' ? null : span.value.end }
}

/** When what counts at a time began: the start of its period, or of the oldest step of a rolling window. */
export function windowStart(period: Period, zone: string, at: Millis): Millis {
  if (period.unit === 'rolling') return rollingSteps(period.lengthMs, at).starts.at(-1) ?? at
  const span = periodAt(period, at, zone)
  assert(span.ok, 'the period and zone of a budget are checked before')
  return span.value.start
}

/**
 * A rolling window moves in steps, sixty to its length. It counts every step of which any part lies within its length before a time, and, because
 * clocks of several nodes differ and one may be set back, within its length after it, where there is nothing as a rule. So every stretch of
 * that length that holds the time is covered whole, and what is let pass never exceeds the limit within any of them.
 */
const ROLLING_STEPS = 60

/** Length of a step of a rolling window, in milliseconds. */
function rollingStepMs(lengthMs: number): number {
  return Math.ceil(lengthMs / ROLLING_STEPS)
}

/** Starts of the steps that are counted at a time, the latest first, and which of them holds the time. */
function rollingSteps(lengthMs: number, at: Millis): { readonly newest: Millis; readonly starts: readonly Millis[] } {
  const stepMs = rollingStepMs(lengthMs)
  const newest = Math.floor(at / stepMs) * stepMs
  const starts: Millis[] = []
  const latest = Math.floor((at + lengthMs - 1) / stepMs) * stepMs
  for (let start = latest; start + stepMs > at + 1 - lengthMs; start -= stepMs) starts.push(start)
  return { newest, starts }
}

/** Whether two periods count the same stretches of time, so that counters stay what they are. */
export function samePeriod(a: Period, b: Period): boolean {
  return a.unit === 'rolling' ? b.unit === 'rolling' && a.lengthMs === b.lengthMs : a.unit === b.unit
}

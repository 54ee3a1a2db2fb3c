import { assert, type Millis, type Period, periodAt, type Span } from '../../kernel/index.ts'
import { rememberKey } from '../row-keys.ts'
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
  const steps = stepsOf(rule, at)
  const known = steps.matches.get(value)
  if (known !== undefined) return known
  const { organization, id: budget } = rule
  const keyAt = (start: Millis): CounterKey => rememberKey({ organization, budget, value, start })
  const counter = keyAt(steps.newest)
  const window = steps.starts.map((start) => (start === steps.newest ? counter : keyAt(start)))
  const match = { rule, counter, window, resetsAt: steps.resetsAt }
  if (steps.matches.size * steps.starts.length >= COUNTERS_KEPT_MAX) steps.matches.clear()
  steps.matches.set(value, match)
  return match
}

/** The counters of a rule are the same for every time of a stretch: the period, or the part of a step of a rolling window with the same steps around it. */
interface Steps extends Span {
  /** Start of the period or step that the time lies in. */
  readonly newest: Millis
  /** Of all that count, the latest first. */
  readonly starts: readonly Millis[]
  readonly resetsAt: Millis | null
  /** By value, as calls asked for them: a fleet asks for the same few values again and again. */
  readonly matches: Map<string, Match>
}

/** Of one rule. A value of a rolling window has some 120 counters, any other has one. */
const COUNTERS_KEPT_MAX = 10_000

/** The steps that each rule was asked for last. Calls arrive in the order of time, so most find theirs. */
const lastSteps = new WeakMap<BudgetRule, Steps>()

function stepsOf(rule: BudgetRule, at: Millis): Steps {
  const last = lastSteps.get(rule)
  if (last !== undefined && last.start <= at && at < last.end) return last
  const steps = rule.period.unit === 'rolling' ? rollingSteps(rule.period.lengthMs, at) : periodSteps(rule, at)
  lastSteps.set(rule, steps)
  return steps
}

function periodSteps({ period, zone }: BudgetRule, at: Millis): Steps {
  const span = periodAt(period, at, zone)
  assert(span.ok, 'the period of a budget was checked when it was set')
  const { start, end } = span.value
  return { start, end, newest: start, starts: [start], resetsAt: period.unit === 'total' ? null : end, matches: new Map() }
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

function rollingSteps(lengthMs: number, at: Millis): Steps {
  const stepMs = rollingStepMs(lengthMs)
  const newest = Math.floor(at / stepMs) * stepMs
  const starts: Millis[] = []
  const latest = Math.floor((at + lengthMs - 1) / stepMs) * stepMs
  for (let start = latest; start + stepMs > at + 1 - lengthMs; start -= stepMs) starts.push(start)
  const oldest = starts.at(-1) ?? newest
  return {
    // Between these neither the newest nor the latest nor the oldest is another.
    start: Math.max(newest, latest - lengthMs + 1, oldest + lengthMs - 1),
    end: Math.min(newest + stepMs, latest + stepMs - lengthMs + 1, oldest + stepMs + lengthMs - 1),
    newest,
    starts,
    resetsAt: newest + stepMs + lengthMs,
    matches: new Map(),
  }
}

/** Whether two periods count the same stretches of time, so that counters stay what they are. */
export function samePeriod(a: Period, b: Period): boolean {
  return a.unit === 'rolling' ? b.unit === 'rolling' && a.lengthMs === b.lengthMs : a.unit === b.unit
}

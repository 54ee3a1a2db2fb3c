import type { CallStore, Dimension } from '../../calls/index.ts'
import type { Millis, Span } from '../../kernel/index.ts'
import type { BudgetRule, Standing } from '../../ledger/index.ts'
import { type Breach, breachOf, type Sums, sumsInPeriod, sumsInWindow } from './breach.ts'
import { type ForecastOutcome, forecastSteps, type Spread } from './forecast.ts'
import { estimateUsd, type History, historiesOf } from './history.ts'
import { addedTo } from './spend-forecast.ts'
import { SEASON_STEPS, type StepUnit, stepsBetween } from './steps.ts'

export interface BudgetForecastQuestion {
  /** How each budget stands for each value in question: what is spent and held is the ledger's, and exact. */
  readonly standings: readonly Standing[]
  readonly now: Millis
  readonly atLeast: number
  /** Awaited before each forecast: it takes some milliseconds, and whoever has other work does it in between. */
  readonly pause?: () => Promise<void>
}

/** How a budget may end. */
export interface BudgetForecast {
  readonly standing: Standing
  /** Up to when was looked: the end of the period; of a rolling window its length from now; of a budget without end three months. */
  readonly until: Millis
  readonly outcome: BudgetOutcome
}

export type BudgetOutcome =
  | ({ readonly kind: 'forecast'; readonly historySteps: number; readonly unit: StepUnit; readonly projected: Spread | null } & Pick<
      Breach,
      'probability'
    > &
      Dates)
  /** More is spent than the limit: nothing need be forecast. */
  | { readonly kind: 'passed' }
  | (Extract<ForecastOutcome, { readonly kind: 'not_enough_history' }> & { readonly unit: StepUnit })
  /** A window shorter than the steps that are counted. */
  | { readonly kind: 'too_short' }

interface Dates {
  /** The day or hour in which the limit is used up in half of all futures, and in a tenth of them; null where it is not in time. */
  readonly exhaustedAt: Millis | null
  readonly earlyAt: Millis | null
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** A budget of all time is looked at so far ahead, and no further than its history carries. */
const TOTAL_DAYS = 90
/** Shorter windows are counted by the hour. */
const HOURLY_MS = 3 * DAY_MS
const ROLLING_MS_MIN = 2 * HOUR_MS

/** How probable it is that each budget is passed before its period ends, and when it is used up. Budgets of one dimension and zone share a query. */
export async function budgetForecasts(store: CallStore, question: BudgetForecastQuestion): Promise<BudgetForecast[]> {
  const histories = new Map<string, ReadonlyMap<string | null, History>>()
  const answers: BudgetForecast[] = []
  for (const standing of question.standings) {
    const { rule } = standing.match
    const key = JSON.stringify([rule.organization, rule.dimension, rule.zone, unitOf(rule)])
    const known = histories.get(key) ?? (await historiesOfBudget(store, question, rule))
    histories.set(key, known)
    await question.pause?.()
    answers.push(forecastOf(standing, known.get(standing.match.counter.value), question.now))
  }
  return answers
}

async function historiesOfBudget(
  store: CallStore,
  question: BudgetForecastQuestion,
  rule: BudgetRule,
): Promise<ReadonlyMap<string | null, History>> {
  const { now, atLeast, standings } = question
  const { organization, dimension, zone } = rule
  const unit = unitOf(rule)
  const like = standings.filter(({ match }) => match.rule.dimension === dimension && match.rule.organization === organization)
  const values = [...new Set(like.map(({ match }) => match.counter.value))]
  const asked = { scope: { organization }, atLeast, unit, zone, now }
  if (dimension === 'run') {
    const each = values.map(async (value): Promise<[string, History | undefined]> => [value, await historyOfRun(store, asked, value)])
    return new Map((await Promise.all(each)).flatMap(([value, history]) => (history === undefined ? [] : [[value, history]])))
  }
  return historiesOf(store, { ...asked, where: [{ dimension, in: values }], groupBy: dimension satisfies Dimension })
}

/** A run counts with all runs below it. */
async function historyOfRun(
  store: CallStore,
  asked: {
    readonly scope: { readonly organization: string }
    readonly atLeast: number
    readonly unit: StepUnit
    readonly zone: string
    readonly now: Millis
  },
  runId: string,
): Promise<History | undefined> {
  const { runs } = await store.tree({ scope: asked.scope, runId, atLeast: asked.atLeast, limit: 1 })
  const below = [...new Set([runId, ...runs.map((run) => run.runId)])]
  return (await historiesOf(store, { ...asked, where: [{ dimension: 'run', in: below }], groupBy: null })).get(null)
}

function unitOf({ period }: BudgetRule): StepUnit {
  if (period.unit === 'rolling') return period.lengthMs <= HOURLY_MS ? 'hour' : 'day'
  return period.unit === 'hour' || period.unit === 'day' ? 'hour' : 'day'
}

function forecastOf(standing: Standing, history: History | undefined, now: Millis): BudgetForecast {
  const { rule } = standing.match
  const unit = unitOf(rule)
  const until = untilOf(standing, history, now)
  const about = { standing, until }
  if (standing.spent > rule.limit) return { ...about, outcome: { kind: 'passed' } }
  if (rule.period.unit === 'rolling' && rule.period.lengthMs < ROLLING_MS_MIN) return { ...about, outcome: { kind: 'too_short' } }
  const ahead = stepsBetween(unit, rule.zone, now, until)
  const running = history?.running ?? null
  const said = forecastSteps({ values: history?.values ?? [], running, steps: ahead.length, seasonSteps: SEASON_STEPS[unit] })
  if (said.kind === 'not_enough_history') return { ...about, outcome: { ...said, unit } }
  const { paths, rest } = said.forecast
  const spent = estimateUsd(standing.spent)
  const sums: Sums = rule.period.unit === 'rolling' ? windowSums(rule.period.lengthMs, unit, history, paths) : sumsInPeriod(spent, paths)
  const breach = breachOf(estimateUsd(rule.limit), spent, sums)
  const projected = rule.period.unit === 'rolling' ? null : addedTo(standing.spent, rest)
  const dates = { exhaustedAt: dateOf(ahead, breach.exhaustedAtStep, now), earlyAt: dateOf(ahead, breach.earlyAtStep, now) }
  const { probability } = breach
  return { ...about, outcome: { kind: 'forecast', historySteps: history?.values.length ?? 0, unit, projected, probability, ...dates } }
}

function windowSums(lengthMs: number, unit: StepUnit, history: History | undefined, paths: readonly (readonly number[])[]): Sums {
  const before = [...(history?.values ?? []), history?.running.spent ?? 0]
  return sumsInWindow(before, lengthMs / (unit === 'hour' ? HOUR_MS : DAY_MS), paths)
}

function untilOf({ match }: Standing, history: History | undefined, now: Millis): Millis {
  const { period } = match.rule
  if (period.unit === 'rolling') return now + period.lengthMs
  if (match.resetsAt !== null) return match.resetsAt
  const days = Math.min(TOTAL_DAYS, 4 * Math.max(1, history?.values.length ?? 0) - 1)
  return now + days * DAY_MS
}

/** The first moment of the step, or now where that has passed. */
function dateOf(ahead: readonly Span[], step: number | null, now: Millis): Millis | null {
  const start = step === null ? undefined : ahead[step]?.start
  return start === undefined ? null : Math.max(start, now)
}

import { breachOf, type Forecast, forecastSteps, sumsInPeriod } from '../../src/insights/index.ts'
import type { Origin, TestSeries } from './data.ts'
import { libraryForecast } from './library.ts'
import { type Asked, runRate, samePhaseMean, seasonalNaive } from './methods.ts'

/** Budgets are set at these multiples of what the period before has cost. */
export const MULTIPLES = [0.8, 0.9, 1, 1.1, 1.25, 1.5]

/** A question that was answered, beside what came. All are sums of the rest of the period. */
export interface Judged {
  readonly actual: number
  readonly forecast: Forecast
  readonly ours: number
  readonly runRate: number
  readonly samePhase: number
  readonly naive: number
  readonly library: number | null
  /** Of the budgets that were not passed yet. */
  readonly budgets: readonly JudgedBudget[]
}

interface JudgedBudget {
  readonly multiple: number
  readonly probability: number
  /** What the run-rate says: passed or not. */
  readonly runRate: 0 | 1
  readonly breached: boolean
}

/** Asks one question of the past; null where the forecast refuses for want of history. Days before the first spend are not known days. */
export function judge(series: TestSeries, origin: Origin): Judged | null {
  const { seasonSteps, values } = series
  const back = values.slice(series.known === undefined ? 0 : Math.max(0, origin.at - series.known), origin.at)
  const first = back.findIndex((value) => value !== 0)
  const known = first < 0 ? [] : back.slice(first)
  const running = origin.running ?? null
  const outcome = forecastSteps({ values: known, running, steps: origin.end - origin.at, seasonSteps })
  if (outcome.kind === 'not_enough_history') return null
  const { forecast } = outcome
  const asked: Asked = { known, origin, seasonSteps }
  const soFar = running?.spent ?? 0
  const spent = sumOf(values.slice(origin.start, origin.at)) + soFar
  const actual = sumOf(values.slice(origin.at, origin.end)) - soFar
  const rate = runRate(asked)
  const sums = sumsInPeriod(spent, forecast.paths)
  const budgets = MULTIPLES.map((multiple) => ({ multiple, limit: multiple * before(series, origin, spent) }))
    .filter(({ limit }) => limit > 0 && spent <= limit)
    .map(({ multiple, limit }): JudgedBudget => {
      const { probability } = breachOf(limit, spent, sums)
      return { multiple, probability, runRate: spent + rate > limit ? 1 : 0, breached: spent + actual > limit }
    })
  const ours = forecast.rest.median
  return {
    actual,
    forecast,
    ours,
    runRate: rate,
    samePhase: samePhaseMean(asked),
    naive: seasonalNaive(asked),
    library: libraryForecast(asked),
    budgets,
  }
}

/** What a budget is measured by: the period before, of the same length; in the first period of a series, its own pace so far. */
function before({ values }: TestSeries, { start, at, end }: Origin, spent: number): number {
  const length = end - start
  return start >= length ? sumOf(values.slice(start - length, start)) : (spent / Math.max(1, at)) * length
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}

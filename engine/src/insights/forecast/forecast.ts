import { busyStepsLacking, type Paths, type SimulationQuestion, simulate, stepsNeeded } from './model/paths.ts'
import { quantile } from './model/statistics.ts'

/** A median and two intervals: the truth is expected to lie in each as often as its name says. */
export interface Spread {
  readonly median: number
  readonly low80: number
  readonly high80: number
  readonly low95: number
  readonly high95: number
}

/** How a forecast was made. Steps are indexes of the history that was given. */
export interface Method {
  /** `smoothed`: levels followed by a blend of smoothers; `intermittent`: days drawn from its own past; `no_spend`: nothing was ever spent. */
  readonly kind: 'smoothed' | 'intermittent' | 'no_spend'
  readonly seasonSteps: number | null
  /** How probable so clear a pattern would be by chance; null without one. */
  readonly seasonChance: number | null
  readonly shiftAt: number | null
  readonly levelBefore: number | null
  readonly levelAfter: number | null
}

/** What may be spent in the steps to come, of a running step in what is left of it. Estimates in US dollars: they go into no book. */
export interface Forecast {
  readonly method: Method
  /** The sum of all steps: not the sum of their medians, nor of their limits. */
  readonly rest: Spread
  readonly steps: readonly Spread[]
  /** The possible futures behind it, for questions about sums on the way. */
  readonly paths: Paths
}

export type ForecastOutcome =
  | { readonly kind: 'forecast'; readonly forecast: Forecast }
  | { readonly kind: 'not_enough_history'; readonly known: number; readonly needed: number; readonly busyLacking: number }

/**
 * What will be spent, as far as the past tells; or `not_enough_history`, with how many whole steps are known and how many it takes. Pure: the same
 * question has the same answer. Panics on a number that is not finite, which its callers refuse.
 */
export function forecastSteps(question: SimulationQuestion): ForecastOutcome {
  const { values, steps, seasonSteps } = question
  const needed = stepsNeeded(steps, seasonSteps)
  const busyLacking = busyStepsLacking(values)
  if (values.length < needed || busyLacking > 0) return { kind: 'not_enough_history', known: values.length, needed, busyLacking }
  const { paths, kind, season, shift } = simulate(question)
  const method: Method = {
    kind,
    seasonSteps: season?.steps ?? null,
    seasonChance: season?.chance ?? null,
    shiftAt: shift?.at ?? null,
    levelBefore: shift?.before ?? null,
    levelAfter: shift?.after ?? null,
  }
  const rest = spreadOf(paths.map((path) => sumOf(path)))
  const each = Array.from({ length: steps }, (_, step) => spreadOf(paths.map((path) => path[step] ?? 0)))
  return { kind: 'forecast', forecast: { method, rest, steps: each, paths } }
}

function sumOf(path: readonly number[]): number {
  return path.reduce((sum, value) => sum + value, 0)
}

function spreadOf(values: readonly number[]): Spread {
  const sorted = Float64Array.from(values).sort()
  return {
    median: quantile(sorted, 0.5),
    low80: quantile(sorted, 0.1),
    high80: quantile(sorted, 0.9),
    low95: quantile(sorted, 0.025),
    high95: quantile(sorted, 0.975),
  }
}

import {
  type CallStore,
  type Dimension,
  type Filter,
  type Measures,
  type OrganizationScope,
  sumMeasures,
  ZERO_MEASURES,
} from '../../calls/index.ts'
import type { Millis, Picos, Span } from '../../kernel/index.ts'
import { type Forecast, type ForecastOutcome, forecastSteps, type Method, type Spread } from './forecast.ts'
import { estimateUsd, type History, historiesOf } from './history.ts'
import { SEASON_STEPS, stepsBetween } from './steps.ts'

export interface SpendForecastQuestion {
  readonly scope: OrganizationScope
  readonly where?: readonly Filter[]
  readonly atLeast: number
  readonly zone: string
  readonly now: Millis
  /** What is asked about; it holds `now`. */
  readonly period: Span
  readonly groupBy: Dimension | null
  /** Values that are forecast, the dearest of the period first. */
  readonly limit: number
  /** Awaited before each forecast: it takes some milliseconds, and whoever has other work does it in between. */
  readonly pause?: () => Promise<void>
}

/** What a period will have cost. */
export interface PeriodForecast {
  /** Exact: what the calls of the period have cost so far. */
  readonly spent: Measures
  readonly historyDays: number
  readonly outcome: PeriodOutcome
  readonly days: readonly ForecastDay[]
}

export type PeriodOutcome =
  | {
      readonly kind: 'forecast'
      /** Of the whole period: what is spent and what may come. An estimate. */
      readonly projected: Spread
      readonly rest: Spread
      readonly method: Method
      /** Where the spend has moved to another level; null where it has not. */
      readonly shiftedAt: Millis | null
      readonly paths: Forecast['paths']
    }
  | Extract<ForecastOutcome, { readonly kind: 'not_enough_history' }>

/** A day of the period: what it has cost so far, and, of one that is not over, what may still come. US dollars. */
export interface ForecastDay {
  readonly start: Millis
  readonly spentUsd: number | null
  readonly rest: Spread | null
}

export interface SpendForecast {
  readonly total: PeriodForecast
  /** By value; null: calls that do not say. Empty without a dimension. */
  readonly lines: readonly { readonly value: string | null; readonly forecast: PeriodForecast }[]
  /** Values that the limit left out. */
  readonly othersLeftOut: boolean
}

/**
 * What will the period have cost, in all and by each value of a dimension? Every line is forecast by itself, so that their medians need not add up to
 * that of the total; what is spent does.
 */
export async function spendForecast(store: CallStore, question: SpendForecastQuestion): Promise<SpendForecast> {
  const { groupBy, limit, period, now, pause: _, ...query } = question
  const asked = { scope: query.scope, atLeast: query.atLeast, ...(query.where === undefined ? {} : { where: query.where }) }
  const spentAt = { ...asked, from: period.start, to: now + 1 }
  const [total] = [...(await historiesOf(store, { ...query, unit: 'day', now, groupBy: null })).values()]
  const whole = sumMeasures(await store.aggregate({ ...spentAt, groupBy: [] }))
  const answer = { total: periodForecast(question, total, whole), lines: [], othersLeftOut: false }
  if (groupBy === null) return answer
  // The days looked back for habits, so that a value that has been quiet this month is there as well.
  const groups = await store.aggregate({
    ...asked,
    from: now - LISTED_MS,
    to: now + 1,
    groupBy: [groupBy],
    orderBy: 'cost',
    limit: limit + 1,
  })
  const values = groups.slice(0, limit).map(({ keys }) => keys[0] ?? null)
  const where = [...(query.where ?? []), { dimension: groupBy, in: values }]
  const histories = await historiesOf(store, { ...query, where, unit: 'day', now, groupBy })
  const spent = new Map<string | null, Measures>()
  for (const { keys, ...sums } of await store.aggregate({ ...spentAt, where, groupBy: [groupBy] })) spent.set(keys[0] ?? null, sums)
  const lines: SpendForecast['lines'][number][] = []
  for (const value of values) {
    await question.pause?.()
    lines.push({ value, forecast: periodForecast(question, histories.get(value), spent.get(value) ?? ZERO_MEASURES) })
  }
  return { ...answer, lines, othersLeftOut: groups.length > limit }
}

const LISTED_MS = 62 * 86_400_000

function periodForecast({ period, zone, now }: SpendForecastQuestion, history: History | undefined, spent: Measures): PeriodForecast {
  const ahead = stepsBetween('day', zone, now, period.end)
  const values = history?.values ?? []
  const outcome = forecastSteps({ values, running: history?.running ?? null, steps: ahead.length, seasonSteps: SEASON_STEPS.day })
  const forecast = outcome.kind === 'forecast' ? outcome.forecast : null
  const passed = (history?.steps ?? []).flatMap((step, index): ForecastDay[] =>
    step.start < period.start ? [] : [{ start: step.start, spentUsd: values[index] ?? 0, rest: null }],
  )
  const coming = ahead.map((step, index): ForecastDay => {
    return { start: step.start, spentUsd: index === 0 ? (history?.running.spent ?? 0) : null, rest: forecast?.steps[index] ?? null }
  })
  const about = { spent, historyDays: values.length, days: [...passed, ...coming] }
  if (outcome.kind !== 'forecast') return { ...about, outcome }
  const { rest, method, paths } = outcome.forecast
  const shiftedAt = method.shiftAt === null ? null : (history?.steps[method.shiftAt]?.start ?? null)
  return { ...about, outcome: { kind: 'forecast', projected: addedTo(spent.cost, rest), rest, method, shiftedAt, paths } }
}

/** What is spent is exact and what comes is not, so the sum is an estimate. */
export function addedTo(spent: Picos, rest: Spread): Spread {
  const usd = estimateUsd(spent)
  return {
    median: usd + rest.median,
    low80: usd + rest.low80,
    high80: usd + rest.high80,
    low95: usd + rest.low95,
    high95: usd + rest.high95,
  }
}

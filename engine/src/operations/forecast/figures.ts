import type { CostForecast } from '@purser/contract'
import { knownCost } from '../../calls/index.ts'
import { bucketLabel, historyLackingInWords, methodInWords, type PeriodForecast, type Spread } from '../../insights/index.ts'
import { usdText } from '../wire/charge-answer.ts'
import { usdNumber } from '../wire/measures-answer.ts'

type Figures = Omit<CostForecast['groups'][number], 'value' | 'breachProbability'>
type Interval = { low: number; high: number }

/** Both intervals of a spread, moved by what is spent; null without one. */
export function intervalsOf(spread: Spread | null, spent: number): { interval80: Interval | null; interval95: Interval | null } {
  if (spread === null) return { interval80: null, interval95: null }
  return {
    interval80: { low: estimate(spent + spread.low80), high: estimate(spent + spread.high80) },
    interval95: { low: estimate(spent + spread.low95), high: estimate(spent + spread.high95) },
  }
}

/** An estimate has no more digits than this to it. */
export function estimate(value: number): number {
  return Number(value.toPrecision(9))
}

/** What a period will have cost, in the spelling of the wire. */
export function figuresAnswer({ spent, outcome, historyDays }: PeriodForecast, zone: string, isMonth: boolean): Figures {
  const known = knownCost(spent)
  const about = {
    status: outcome.kind,
    spendToDate: usdNumber(known),
    spendToDateExact: usdText(known),
    unpricedCalls: spent.unpriced,
    historyDays,
  }
  if (outcome.kind !== 'forecast') {
    const unknown = { projectedSpend: null, projectedMonthEndSpend: null, method: null, seasonality: null, levelShift: null }
    return { ...about, ...unknown, ...intervalsOf(null, 0), explanation: historyLackingInWords(outcome), historyDaysNeeded: outcome.needed }
  }
  const { projected, method, shiftedAt } = outcome
  const levelShift = shiftedAt === null ? null : bucketLabel(shiftedAt, 'day', zone)
  return {
    ...about,
    projectedSpend: estimate(projected.median),
    projectedMonthEndSpend: isMonth ? estimate(projected.median) : null,
    ...intervalsOf(projected, 0),
    method: method.kind,
    seasonality: method.seasonSteps === null ? null : 'weekly',
    levelShift,
    explanation: methodInWords(method, historyDays, levelShift),
    historyDaysNeeded: null,
  }
}

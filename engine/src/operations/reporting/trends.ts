import { type DailyScores, type DailyTrends, dailyEfficiency, dailyTrends } from '@purser/contract'
import { ok, type Result } from '../../kernel/index.ts'
import { answering } from '../analytics/faults.ts'
import { implement } from '../operation.ts'
import { dayAnswer } from './day-answers.ts'
import { periodAsked } from './period-asked.ts'
import { reportedDays } from './reported-days.ts'
import { currentScore, scoresOf } from './scores.ts'

/** What each day has cost, with the days left out of which nobody knows. */
export const dailyTrendsOperation = implement(dailyTrends, (context, input): Promise<Result<DailyTrends>> => {
  return answering(async () => {
    const asked = await periodAsked(context, input)
    if (!asked.ok) return asked
    const { organization, period, zone } = asked.value
    const { days, sums } = await reportedDays(context.services, organization, period, zone, { lines: true, waste: true })
    const unknown = new Set(sums.unknownDates)
    return ok({
      period: { ...boundsOf(period.dates), days: period.dates.length, zone, days_without_data: [...unknown] },
      data: days.filter(({ date }) => !unknown.has(date)).map(dayAnswer),
    })
  })
})

/** The score of the latest day that has one, and of those before it. */
export const dailyEfficiencyOperation = implement(dailyEfficiency, (context, input): Promise<Result<DailyScores>> => {
  return answering(async () => {
    const asked = await periodAsked(context, input)
    if (!asked.ok) return asked
    const { organization, period, zone } = asked.value
    const scores = await scoresOf(context.services, await reportedDays(context.services, organization, period, zone))
    return ok({ current: currentScore(scores), trend: scores })
  })
})

export function boundsOf(dates: readonly string[]): { start: string; end: string } {
  return { start: dates[0] ?? '', end: dates.at(-1) ?? '' }
}

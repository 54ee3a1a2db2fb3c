import { type DailyDashboard, dailyDashboard } from '@purser/contract'
import { ok, type Result } from '../../kernel/index.ts'
import { answering } from '../analytics/faults.ts'
import { implement } from '../operation.ts'
import { alertsFor } from './alerts/alerts-for.ts'
import { customerAnswer } from './customer.ts'
import { comparedAnswer, totalsAnswer } from './day-answers.ts'
import { periodAsked } from './period-asked.ts'
import { recommendationsFor } from './recommendations.ts'
import { reportedDays } from './reported-days.ts'
import { currentScore, meanScore, scoresOf } from './scores.ts'
import { boundsOf } from './trends.ts'

/** The whole picture of a period. */
export const dailyDashboardOperation = implement(dailyDashboard, (context, input): Promise<Result<DailyDashboard>> => {
  return answering(async () => {
    const asked = await periodAsked(context, input)
    if (!asked.ok) return asked
    const { services } = context
    const { organization, registration, period, zone } = asked.value
    const reported = await reportedDays(services, organization, period, zone, { waste: true })
    const [scores, alerts, recommendations] = await Promise.all([
      scoresOf(services, reported),
      alertsFor({ services, organization, registration, zone, now: services.now() }),
      recommendationsFor(services, reported),
    ])
    const { sums } = reported
    const { start, end } = boundsOf(period.dates)
    return ok({
      customer: customerAnswer(organization, registration),
      summary: {
        ...totalsAnswer(sums),
        avg_efficiency: meanScore(scores),
        report_count: sums.reports,
        period_start: start,
        period_end: end,
        ...comparedAnswer(sums),
        days_without_data: sums.unknownDates.length,
      },
      efficiency: currentScore(scores),
      alerts,
      recommendations,
    })
  })
})

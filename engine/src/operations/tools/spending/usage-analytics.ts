import { getBillingSummary, getUsageAnalytics } from '@purser/contract'
import { type Day, dailySpend } from '../../../insights/index.ts'
import { fail, LIMITS, ok, type Result, refusal, usdOfPicos } from '../../../kernel/index.ts'
import { answering } from '../../analytics/faults.ts'
import { tradedBy } from '../../wallets/profit.ts'
import { implementTool } from '../tool.ts'
import { daysBetween, dayText, periodNow } from './days.ts'
import { averageMember, callsOfAgent, costMember, sumsOf } from './spending.ts'

const DAY_MS = 86_400_000

/** Cost and calls of an agent between two days, both included, with a line for each day. */
export const getUsageAnalyticsTool = implementTool(getUsageAnalytics, async (context, input): Promise<Result<unknown>> => {
  const span = daysBetween(input.start_date, input.end_date)
  if (!span.ok) return span
  const { from = 0, to = 0 } = span.value
  if (to - from > LIMITS.pastDaysMax * DAY_MS) {
    return fail(refusal('invalid_period', `at most ${LIMITS.pastDaysMax} days can be asked for at once`, { path: '/end_date' }))
  }
  return answering(async () => {
    const query = callsOfAgent(context, span.value)
    const { services, organization, agent } = context
    const [sums, days, traded] = await Promise.all([
      sumsOf(context, query),
      dailySpend(services.calls, { ...query, zone: 'UTC' }),
      tradedBy(services.ledger, organization, agent, { from, to }),
    ])
    return ok({
      agent_id: agent,
      start_date: input.start_date,
      end_date: input.end_date,
      ...costMember('total_cost', sums),
      total_calls: sums.calls,
      failed_calls: sums.failed,
      unpriced_calls: sums.unpriced,
      revenue_earned: usdOfPicos(traded.revenue),
      purchases: usdOfPicos(traded.purchases),
      days: days.map(dayAnswer),
    })
  })
})

function dayAnswer(day: Day) {
  return { date: dayText(day.start), ...costMember('cost', day), calls: day.calls, unpriced_calls: day.unpriced }
}

const UNITS = { daily: 'day', weekly: 'week', monthly: 'month' } as const

/** Cost and calls of an agent in the current day, week or month. */
export const getBillingSummaryTool = implementTool(getBillingSummary, (context, input): Promise<Result<unknown>> => {
  const period = input.period ?? 'monthly'
  const span = periodNow(UNITS[period], context.services.now())
  return answering(async () => {
    const sums = await sumsOf(context, callsOfAgent(context, { from: span.start, to: span.end }))
    return ok({
      agent_id: context.agent,
      period,
      period_start: dayText(span.start),
      period_end: dayText(span.end - 1),
      ...costMember('total_cost', sums),
      total_calls: sums.calls,
      failed_calls: sums.failed,
      unpriced_calls: sums.unpriced,
      ...averageMember(sums),
    })
  })
})

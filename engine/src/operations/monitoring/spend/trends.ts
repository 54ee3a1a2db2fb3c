import { spendTrends, type TrendsAnswer } from '@purser/contract'
import type { Measures } from '../../../calls/index.ts'
import { agentTrends, bucketLabel } from '../../../insights/index.ts'
import { ok, type Result } from '../../../kernel/index.ts'
import { answering } from '../../analytics/faults.ts'
import { implement } from '../../operation.ts'
import { spentAnswer } from '../spent.ts'
import { spanAnswer, trailingDays } from '../trailing.ts'

const LINES = 100

/** Cost day by day, by organization and agent. */
export const spendTrendsOperation = implement(spendTrends, async (context, input): Promise<Result<TrendsAnswer>> => {
  const trailing = trailingDays(context, input)
  if (!trailing.ok) return trailing
  const { query, zone } = trailing.value
  return answering(async () => {
    const trends = await agentTrends(context.services.calls, { ...query, zone }, input.limit ?? LINES)
    const dates = trends.days.map(({ start }) => bucketLabel(start, 'day', zone))
    const daily = (days: readonly Measures[]) => days.map((sums, index) => ({ date: dates[index] ?? '', ...spentAnswer(sums) }))
    const { others } = trends
    return ok({
      ...spanAnswer(trailing.value),
      ...spentAnswer(trends.total),
      daily: daily(trends.days),
      series: trends.series.map((line) => ({
        organizationId: line.organization,
        agentId: line.agent,
        ...spentAnswer(line),
        daily: daily(line.days),
      })),
      others: others === null ? null : { ...spentAnswer(others.total), daily: daily(others.days) },
    })
  })
})

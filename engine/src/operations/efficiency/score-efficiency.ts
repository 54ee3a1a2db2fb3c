import { type EfficiencyAnswer, efficiencyScore } from '@purser/contract'
import { knownCost } from '../../calls/index.ts'
import { bucketLabel, efficiency, type Score } from '../../insights/index.ts'
import { ok, type Result, usdNumberOfPicos, usdOfPicos } from '../../kernel/index.ts'
import { answering } from '../analytics/faults.ts'
import { implement } from '../operation.ts'
import { latestSelfAssessed } from '../reporting/latest-self-assessed.ts'
import { periodAnswer, rounded } from '../wire/measures-answer.ts'
import { amountAnswer, efficiencyQuestion } from './pricing-calls.ts'

/** How well is the money spent? */
export const scoreEfficiencyOperation = implement(efficiencyScore, async (context, input): Promise<Result<EfficiencyAnswer>> => {
  const question = efficiencyQuestion(context, input)
  if (!question.ok) return question
  const { query, zone } = question.value
  return answering(async () => {
    const said = await latestSelfAssessed(context.services, query)
    const found = await efficiency(context.services.calls, { ...query, zone }, said)
    return ok({
      period: periodAnswer(query),
      ...scoreAnswer(found),
      total_calls: found.total.calls,
      unpriced_calls: found.total.unpriced,
      ...amountAnswer('total_cost', knownCost(found.total)),
      ...amountAnswer('wasted', knownCost(found.total) === null ? null : found.wasted),
      trend: found.days.map((day) => ({
        date: bucketLabel(day.start, 'day', zone),
        calls: day.calls,
        waste: Object.fromEntries([...day.waste].map(([category, amount]) => [category, usdNumberOfPicos(amount)])),
        waste_exact: Object.fromEntries([...day.waste].map(([category, amount]) => [category, usdOfPicos(amount)])),
        ...scoreAnswer(day),
      })),
      self_assessed: found.selfAssessed === null ? null : { ...found.selfAssessed },
    })
  })
})

function scoreAnswer({ score, parts }: Score): Pick<EfficiencyAnswer, 'score' | 'parts'> {
  return {
    score,
    parts: parts.map(({ part, value, meaning, weight, lost, why }) => ({
      part,
      value: rounded(value, 6),
      meaning,
      weight,
      points_lost: lost,
      why,
    })),
  }
}

import { findWaste as findWasteEndpoint, type WasteAnswer } from '@purser/contract'
import { knownCost } from '../../calls/index.ts'
import { findWaste, type WasteReport } from '../../insights/index.ts'
import { ok, type Result } from '../../kernel/index.ts'
import { answering } from '../analytics/faults.ts'
import { implement } from '../operation.ts'
import { periodAnswer, rounded } from '../wire/measures-answer.ts'
import { amountAnswer, efficiencyQuestion, pricingCalls } from './pricing-calls.ts'

/** What was spent for nothing? */
export const findWasteOperation = implement(findWasteEndpoint, async (context, input): Promise<Result<WasteAnswer>> => {
  const question = efficiencyQuestion(context, input)
  if (!question.ok) return question
  const { query, examine } = question.value
  return answering(async () => {
    const report = await findWaste(context.services.calls, { ...query, ...examine, ...pricingCalls(context.services) })
    return ok({
      period: periodAnswer(query),
      total_calls: report.total.calls,
      unpriced_calls: report.total.unpriced,
      ...amountAnswer('total_cost', knownCost(report.total)),
      ...amountAnswer('wasted', report.wasted),
      share_of_cost: rounded(report.share, 6),
      categories: report.categories.map(categoryAnswer),
      declared_only: report.declaredOnly.map((each) => ({ ...each })),
      missing: [...report.missing],
    })
  })
})

function categoryAnswer({
  category,
  calls,
  unpriced,
  amount,
  share,
  found,
}: WasteReport['categories'][number]): WasteAnswer['categories'][number] {
  return {
    category,
    calls,
    unpriced_calls: unpriced,
    ...amountAnswer('cost', amount),
    share_of_cost: rounded(share, 6),
    found: found.map((finding) => ({
      how: finding.how,
      rule: finding.rule,
      calls: finding.calls,
      unpriced_calls: finding.unpriced,
      ...amountAnswer('cost', finding.amount),
      examined_calls: finding.examined,
      call_ids: [...finding.callIds],
    })),
  }
}

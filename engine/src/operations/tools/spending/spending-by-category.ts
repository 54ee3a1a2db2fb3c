import { getSpendingByCategory } from '@purser/contract'
import { type AggregateRow, addMeasures, knownCost, type Measures, sumMeasures, ZERO_MEASURES } from '../../../calls/index.ts'
import { ok, type Result, usdNumberOfPicos, usdOfPicos } from '../../../kernel/index.ts'
import { answering } from '../../analytics/faults.ts'
import { implementTool } from '../tool.ts'
import { daysBetween } from './days.ts'
import { callsOfAgent, costMember, groupsOf } from './spending.ts'

/**
 * Cost of an agent by category. A category with a known cost is a line; one of which nothing is known stands apart, because its cost is not
 * zero and a client of this family formats the cost of a line as a number.
 */
export const getSpendingByCategoryTool = implementTool(getSpendingByCategory, async (context, input): Promise<Result<unknown>> => {
  const span = daysBetween(input.start_date, input.end_date)
  if (!span.ok) return span
  return answering(async () => {
    const groups = await groupsOf(context, callsOfAgent(context, span.value), ['action', 'model', 'seller'])
    const categories = [...byCategory(groups)].sort(([, a], [, b]) => (a.cost > b.cost ? -1 : a.cost < b.cost ? 1 : b.calls - a.calls))
    const total = sumMeasures(groups)
    return ok({
      agent_id: context.agent,
      categories: categories.flatMap(([category, sums]) => lineOf(category, sums)),
      unpriced_categories: categories.flatMap(([category, sums]) =>
        knownCost(sums) === null ? [{ category, call_count: sums.calls }] : [],
      ),
      ...costMember('total_cost', total),
      total_calls: total.calls,
      unpriced_calls: total.unpriced,
    })
  })
})

const UNNAMED = 'unattributed'

/** What a call was for: the action it names, else its model or tool, else its seller. */
function byCategory(groups: readonly AggregateRow[]): Map<string, Measures> {
  const categories = new Map<string, Measures>()
  for (const { keys, ...sums } of groups) {
    const category = keys.find((key) => key !== null && key !== '') ?? UNNAMED
    categories.set(category, addMeasures(categories.get(category) ?? ZERO_MEASURES, sums))
  }
  return categories
}

function lineOf(category: string, sums: Measures) {
  const cost = knownCost(sums)
  if (cost === null) return []
  const line = { category, total_cost: usdNumberOfPicos(cost), total_cost_exact: usdOfPicos(cost) }
  return [{ ...line, call_count: sums.calls, unpriced_calls: sums.unpriced }]
}

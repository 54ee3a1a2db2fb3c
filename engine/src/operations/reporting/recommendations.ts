import type { DailyDashboard } from '@purser/contract'
import { type Opportunity, wasteAdvice } from '../../insights/index.ts'
import { type Picos, usdNumberOfPicos, usdOfPicos } from '../../kernel/index.ts'
import { opportunitiesFor } from '../analytics/opportunities-for.ts'
import type { Services } from '../context.ts'
import { usdText } from '../wire/charge-answer.ts'
import { usdNumber } from '../wire/measures-answer.ts'
import type { ReportedDays } from './reported-days.ts'

type Recommendation = DailyDashboard['recommendations'][number]

/** Where money can be saved: by re-pricing calls where there are calls, and by what reports declare as waste. The largest saving first. */
export async function recommendationsFor(services: Services, { sums, question }: ReportedDays): Promise<Recommendation[]> {
  const { zone: _, ...query } = question
  const { opportunities } = await opportunitiesFor(services, query)
  const found = opportunities.map((opportunity) => ({ saving: opportunity.potentialSavings, answer: opportunityAnswer(opportunity) }))
  for (const { category, priority, recommendation, assumption, saving } of wasteAdvice(sums.waste, sums.cost.total)) {
    const savings = { potential_savings: usdNumberOfPicos(saving), potential_savings_exact: usdOfPicos(saving) }
    const answer = { id: `reported_waste:${category}`, type: 'reported_waste', priority, recommendation, assumption, ...savings }
    found.push({ saving, answer: { ...answer, basis: 'reports' } })
  }
  return found.sort(bySaving).map(({ answer }) => answer)
}

function opportunityAnswer({ id, type, priority, recommendation, assumption, potentialSavings }: Opportunity): Recommendation {
  return {
    id,
    type,
    priority,
    recommendation,
    assumption,
    potential_savings: usdNumber(potentialSavings),
    potential_savings_exact: usdText(potentialSavings),
    basis: 'calls',
  }
}

/** Those whose saving is not known come last, as they came. */
function bySaving(left: { readonly saving: Picos | null }, right: { readonly saving: Picos | null }): number {
  const [a, b] = [left.saving ?? -1n, right.saving ?? -1n]
  return a === b ? 0 : a > b ? -1 : 1
}

import type { DailyDashboard } from '@purser/contract'
import type { CallQuery } from '../../calls/index.ts'
import { analyseCache, type CacheScenario, type Opportunity, priorityOf, wasteAdvice } from '../../insights/index.ts'
import { type Picos, ZERO } from '../../kernel/index.ts'
import { opportunitiesFor } from '../analytics/opportunities-for.ts'
import type { Services } from '../context.ts'
import { pricingCalls } from '../efficiency/pricing-calls.ts'
import { usdText } from '../wire/charge-answer.ts'
import { usdNumber } from '../wire/measures-answer.ts'
import type { ReportedDays } from './reported-days.ts'

type Recommendation = DailyDashboard['recommendations'][number]

/** A recommendation and what it is ordered by. */
interface Advice {
  readonly saving: Picos | null
  readonly answer: Recommendation
}

/** Calls that are looked at for caches, those posted last: a dashboard waits for them. */
const CACHE_CALLS = 2_000

/**
 * Where money can be saved: by pricing calls again under an alternative where there are calls, and by what is declared as waste. The largest saving first;
 * they may be about the same money, and are no sum.
 */
export async function recommendationsFor(services: Services, { sums, question }: ReportedDays): Promise<Recommendation[]> {
  const { zone: _, ...query } = question
  const total = sums.cost.total ?? ZERO
  const [opportunities, caches] = await Promise.all([
    sums.requests.measured === null ? [] : opportunitiesFor(services, query).then((report) => report.opportunities),
    sums.requests.measured === null ? [] : cacheScenarios(services, query),
  ])
  const advice = [...opportunities.map(ofOpportunity), ...caches.map((scenario) => ofCache(scenario, total)), ...ofWaste(sums, total)]
  return advice.sort(bySaving).map(({ answer }) => answer)
}

async function cacheScenarios(services: Services, query: CallQuery): Promise<readonly CacheScenario[]> {
  const question = { ...query, ...pricingCalls(services), examineMax: CACHE_CALLS }
  const { scenarios } = await analyseCache(services.calls, question)
  return scenarios.filter(({ saving }) => saving !== null && saving > ZERO)
}

function ofCache({ name, saving, advice, assumption }: CacheScenario, total: Picos): Advice {
  const priority = priorityOf(saving, ZERO, total)
  const answer = { id: `cache:${name}`, type: 'cache', priority, recommendation: advice, assumption, ...savingsAnswer(saving) }
  return { saving, answer: { ...answer, basis: 'calls' } }
}

function ofWaste({ waste }: ReportedDays['sums'], total: Picos): Advice[] {
  return wasteAdvice(waste, total).map(({ category, saving, ...advice }) => {
    const type = advice.basis === 'calls' ? 'waste' : 'reported_waste'
    return { saving, answer: { id: `${type}:${category}`, type, ...advice, ...savingsAnswer(saving) } }
  })
}

function ofOpportunity({ id, type, priority, recommendation, assumption, potentialSavings }: Opportunity): Advice {
  const answer = { id, type, priority, recommendation, assumption, ...savingsAnswer(potentialSavings) }
  return { saving: potentialSavings, answer: { ...answer, basis: 'calls' } }
}

function savingsAnswer(saving: Picos | null): Pick<Recommendation, 'potential_savings' | 'potential_savings_exact'> {
  return { potential_savings: usdNumber(saving), potential_savings_exact: usdText(saving) }
}

/** Those whose saving is not known come last, as they came. */
function bySaving(left: Advice, right: Advice): number {
  const [a, b] = [left.saving ?? -1n, right.saving ?? -1n]
  return a === b ? 0 : a > b ? -1 : 1
}

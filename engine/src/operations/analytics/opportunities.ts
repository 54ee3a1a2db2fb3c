import {
  findOpportunities as findOpportunitiesEndpoint,
  type OpportunitiesAnswer,
  type OverviewAnswer,
  overview as overviewEndpoint,
} from '@purser/contract'
import { bucketLabel, type Opportunity, overview } from '../../insights/index.ts'
import { formatInstant, ok, type Result, usdNumberOfPicos, usdOfPicos } from '../../kernel/index.ts'
import { adviceStates, dismissedOf } from '../advice/decisions.ts'
import { implement } from '../operation.ts'
import { usdText } from '../wire/charge-answer.ts'
import { costAnswer, periodAnswer, rounded, totalTokensAnswer, totalUsdAnswer, usdNumber } from '../wire/measures-answer.ts'
import { questionOf } from '../wire/question.ts'
import { answering } from './faults.ts'
import { opportunitiesFor, repricerAt } from './opportunities-for.ts'

/** Where can money be saved? */
export const findOpportunitiesOperation = implement(
  findOpportunitiesEndpoint,
  async (context, input): Promise<Result<OpportunitiesAnswer>> => {
    const question = questionOf(context, input)
    if (!question.ok) return question
    return answering(async () => {
      const states = await adviceStates(context.services, question.value.query.scope)
      const report = await opportunitiesFor(context.services, question.value.query, dismissedOf(states))
      return ok({
        opportunities: report.opportunities
          .slice(0, input.limit ?? report.opportunities.length)
          .map((found) => opportunityAnswer(found, states)),
        total_potential_savings: usdNumberOfPicos(report.totalPotentialSavings),
        total_potential_savings_exact: usdOfPicos(report.totalPotentialSavings),
        period: periodAnswer(question.value.query),
      })
    })
  },
)

/** The whole picture of a period. */
export const overviewOperation = implement(overviewEndpoint, async (context, input): Promise<Result<OverviewAnswer>> => {
  const question = questionOf(context, input)
  if (!question.ok) return question
  const { query, zone } = question.value
  return answering(async () => {
    const asOf = context.services.now()
    const dismissed = dismissedOf(await adviceStates(context.services, query.scope))
    const picture = await overview(context.services.calls, { ...query, zone, reprice: repricerAt(context.services, asOf), dismissed })
    const { total, opportunities } = picture
    return ok({
      period: periodAnswer(query),
      summary: {
        ...totalUsdAnswer(total),
        ...totalTokensAnswer(total),
        total_calls: total.calls,
        avg_cost_per_call: usdNumber(picture.averageCostPerCall),
        failed_calls: total.failed,
        uncertain_calls: total.uncertain,
        cache_read_share: rounded(picture.cacheReadShare, 6),
      },
      top_agents: topAnswer(picture.topAgents.lines),
      top_models: topAnswer(picture.topModels.lines),
      daily: picture.daily.map((day) => ({
        date: bucketLabel(day.start, 'day', zone),
        calls: day.calls,
        ...costAnswer(day),
      })),
      optimization: {
        opportunities_count: opportunities.count,
        potential_savings_usd: usdNumberOfPicos(opportunities.totalPotentialSavings),
        as_of: formatInstant(asOf),
      },
    })
  })
})

type States = Awaited<ReturnType<typeof adviceStates>>

function opportunityAnswer(opportunity: Opportunity, states: States): OpportunitiesAnswer['opportunities'][number] {
  const { type, subject, runs, calls, range, risk } = opportunity
  const state = states.get(opportunity.id)
  const alternative = opportunity.alternativeModels[0]
  return {
    id: opportunity.id,
    type,
    priority: opportunity.priority,
    ...(type !== 'expensive_model' && subject !== null ? { agent: subject } : {}),
    ...(type === 'expensive_model' && subject !== null ? { model: subject } : {}),
    ...(alternative === undefined ? {} : { alternative_model: alternative }),
    count: runs === undefined ? calls.count : runs.count,
    current_cost: usdNumberOfPicos(opportunity.currentCost),
    ...(type === 'failed_workflows' ? { wasted_cost: usdNumberOfPicos(opportunity.currentCost) } : {}),
    recommendation: opportunity.recommendation,
    assumption: opportunity.assumption,
    potential_savings: usdNumber(opportunity.potentialSavings),
    potential_savings_exact: usdText(opportunity.potentialSavings),
    savings_range: range === null ? null : { low_usd: usdOfPicos(range.low), high_usd: usdOfPicos(range.high), from_to: range.words },
    risk: { level: risk.level, detail: risk.words },
    state: state === 'accepted' || state === 'done' ? state : 'open',
    calls: { count: calls.count, unpriced: calls.unpriced, examined: calls.examined, call_ids: [...calls.callIds] },
    ...(runs === undefined ? {} : { workflow_ids: [...runs.runIds] }),
  }
}

function topAnswer(lines: OverviewLines): OverviewAnswer['top_agents'] {
  return Object.fromEntries(lines.map((line) => [line.value, { calls: line.calls, ...costAnswer(line) }]))
}

type OverviewLines = Awaited<ReturnType<typeof overview>>['topAgents']['lines']

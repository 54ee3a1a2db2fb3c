import { type CallStore, knownTokens, type Measures } from '../calls/index.ts'
import type { Picos } from '../kernel/index.ts'
import { averageCostPerCall, share } from './averages.ts'
import { type Breakdown, breakdown, totalOf } from './breakdown.ts'
import { type Day, dailySpend } from './daily.ts'
import { findOpportunities, type OpportunityQuestion } from './opportunities/index.ts'

/** Lines that a dashboard has room for. */
export const OVERVIEW_TOP_MAX = 10

export interface Overview {
  readonly total: Measures
  /** Null when no call reported any. */
  readonly tokens: number | null
  /** Over the calls whose price is known; null when none is. */
  readonly averageCostPerCall: Picos | null
  /** Of the input tokens, those read from a cache, 0 to 1. */
  readonly cacheReadShare: number | null
  /** Of the calls, 0 to 1. */
  readonly failedShare: number | null
  readonly topAgents: Breakdown
  readonly topModels: Breakdown
  readonly daily: readonly Day[]
  readonly opportunities: { readonly count: number; readonly savingUnknown: number; readonly totalPotentialSavings: Picos }
}

/** Everything at a glance. The sums are asked for once, for the lines and for the opportunities alike. */
export async function overview(store: CallStore, question: OpportunityQuestion & { readonly zone: string }): Promise<Overview> {
  const { zone, reprice, ...query } = question
  const whole = totalOf(store, query)
  const agents = breakdown(store, query, 'agent', OVERVIEW_TOP_MAX, () => whole)
  const models = breakdown(store, query, 'model', OVERVIEW_TOP_MAX, () => whole)
  const spend = Promise.all([whole, agents, models]).then(([total, { lines: topAgents }, { lines: topModels }]) => ({
    total,
    agents: topAgents,
    models: topModels,
  }))
  const [opportunities, topAgents, topModels, total, daily] = await Promise.all([
    findOpportunities(store, { ...query, reprice }, spend),
    agents,
    models,
    whole,
    dailySpend(store, { ...query, zone }),
  ])
  return {
    total,
    tokens: knownTokens(total),
    averageCostPerCall: averageCostPerCall(total),
    cacheReadShare: share(total.cacheReadTokens, total.inputTokens),
    failedShare: share(total.failed, total.calls),
    topAgents,
    topModels,
    daily,
    opportunities: {
      count: opportunities.opportunities.length,
      savingUnknown: opportunities.opportunities.filter((opportunity) => opportunity.potentialSavings === null).length,
      totalPotentialSavings: opportunities.totalPotentialSavings,
    },
  }
}

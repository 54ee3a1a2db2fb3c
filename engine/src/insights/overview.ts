import { type CallStore, knownTokens, type Measures } from '../calls/index.ts'
import type { Picos } from '../kernel/index.ts'
import { averageCostPerCall, share } from './averages.ts'
import type { Breakdown } from './breakdown.ts'
import { type Day, dailySpend } from './daily.ts'
import { findOpportunities, type OpportunityQuestion } from './opportunities/index.ts'
import { mainSpend } from './opportunities/spend.ts'

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
  const { zone, reprice, dismissed, ...query } = question
  const spend = mainSpend(store, query, OVERVIEW_TOP_MAX, OVERVIEW_TOP_MAX)
  const [opportunities, { agents: topAgents, models: topModels }, daily] = await Promise.all([
    findOpportunities(store, { ...query, reprice, shownCalls: false, ...(dismissed === undefined ? {} : { dismissed }) }, spend),
    spend,
    dailySpend(store, { ...query, zone }),
  ])
  const { total } = topAgents
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

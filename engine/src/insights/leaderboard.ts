import { type AggregateRow, type CallQuery, type CallStore, knownCost, type Measures } from '../calls/index.ts'
import { PICOS_PER_USD } from '../kernel/index.ts'
import { share } from './averages.ts'

export type LeaderboardMetric = 'cost_efficiency' | 'total_spend' | 'calls' | 'success_rate'

/** An agent and its figures. */
export interface AgentRank extends Measures {
  readonly agent: string
  readonly successful: number
  /** Successful calls of all, 0 to 1. */
  readonly successRate: number
  /** Successful calls per US dollar of known cost; null without a known cost above zero. */
  readonly efficiency: number | null
}

/** Agents by a metric, the best first: the most efficient, the largest, the most successful. Those without a value stand last, equals by name. */
export async function agentLeaderboard(
  store: CallStore,
  question: CallQuery & { readonly metric: LeaderboardMetric },
): Promise<AgentRank[]> {
  const { metric, ...query } = question
  const groups = await store.aggregate({ ...query, groupBy: ['agent'] })
  const agents = groups.flatMap(rankOf)
  return agents.sort((a, b) => compare(figure(b, metric), figure(a, metric)) || (a.agent < b.agent ? -1 : 1))
}

function rankOf({ keys, ...sums }: AggregateRow): AgentRank[] {
  const [agent = null] = keys
  if (agent === null || sums.calls === 0) return []
  const successful = sums.calls - sums.failed
  const cost = knownCost(sums)
  // Only for display and order: a ratio of a count and an amount, not an amount.
  const efficiency = cost === null || cost <= 0n ? null : (successful * Number(PICOS_PER_USD)) / Number(cost)
  return [{ agent, ...sums, successful, successRate: share(successful, sums.calls) ?? 0, efficiency }]
}

function figure(agent: AgentRank, metric: LeaderboardMetric): number | bigint | null {
  switch (metric) {
    case 'cost_efficiency':
      return agent.efficiency
    case 'total_spend':
      return knownCost(agent)
    case 'calls':
      return agent.calls
    case 'success_rate':
      return agent.successRate
  }
}

function compare(a: number | bigint | null, b: number | bigint | null): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1
  return a < b ? -1 : a > b ? 1 : 0
}

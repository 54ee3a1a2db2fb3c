import { getAgentLeaderboard, getPlatformStats } from '@purser/contract'
import { sumMeasures } from '../../../calls/index.ts'
import { type AgentRank, agentLeaderboard } from '../../../insights/index.ts'
import { formatInstant, ok, type Result } from '../../../kernel/index.ts'
import type { Standing } from '../../../ledger/index.ts'
import { answering } from '../../analytics/faults.ts'
import { implementTool, type ToolContext } from '../tool.ts'
import { capsOf, capsOfFleet, isUsedUp } from './caps.ts'
import { periodNow } from './days.ts'
import { averageMember, callsOfFleet, costMember, groupsOf } from './spending.ts'

const AGENTS = 100

/** The agents of the organization in this month, by a metric. */
export const getAgentLeaderboardTool = implementTool(getAgentLeaderboard, (context, input): Promise<Result<unknown>> => {
  const metric = input.metric ?? 'cost_efficiency'
  const month = periodNow('month', context.services.now())
  return answering(async () => {
    const query = callsOfFleet(context, { from: month.start, to: month.end })
    const agents = await agentLeaderboard(context.services.calls, { ...query, metric })
    return ok({ metric, period_start: formatInstant(month.start), agents: agents.slice(0, input.limit ?? AGENTS).map(lineOf) })
  })
})

function lineOf(agent: AgentRank, index: number) {
  return {
    rank: index + 1,
    agent_id: agent.agent,
    ...(agent.efficiency === null ? {} : { efficiency_score: Number(agent.efficiency.toPrecision(6)) }),
    ...costMember('total_spend', agent),
    calls: agent.calls,
    successful_calls: agent.successful,
    success_rate: Number(agent.successRate.toFixed(6)),
    unpriced_calls: agent.unpriced,
  }
}

/** The organization in figures. A key that is bound to an agent sees that agent's figures. */
export const getPlatformStatsTool = implementTool(getPlatformStats, (context): Promise<Result<unknown>> => {
  const now = context.services.now()
  const month = periodNow('month', now)
  return answering(async () => {
    const [groups, caps] = await Promise.all([
      groupsOf(context, callsOfFleet(context, { from: month.start, to: month.end }), ['agent']),
      capsInSight(context, now),
    ])
    const sums = sumMeasures(groups)
    return ok({
      active_agents: groups.filter(({ keys, calls }) => keys[0] !== null && calls > 0).length,
      ...costMember('total_spend_mtd', sums),
      ...averageMember(sums),
      total_calls_mtd: sums.calls,
      unpriced_calls_mtd: sums.unpriced,
      ...utilization(caps),
      agents_with_caps: agentsOf(caps),
      agents_over_budget: agentsOf(caps.filter(isUsedUp)),
      period_start: formatInstant(month.start),
    })
  })
})

function capsInSight({ services, organization, caller }: ToolContext, now: number): Promise<Standing[]> {
  return caller.agent === null ? capsOfFleet(services, organization, now) : capsOf(services, organization, caller.agent, now)
}

function agentsOf(caps: readonly Standing[]): number {
  return new Set(caps.map(({ match }) => match.counter.value)).size
}

/** How much of the monthly caps is spent, together; of the daily ones where there are no monthly ones. Percent with two decimals. */
function utilization(caps: readonly Standing[]): { budget_utilization_pct?: number } {
  const monthly = caps.filter(({ match }) => match.rule.period.unit === 'month')
  const counted = monthly.length > 0 ? monthly : caps.filter(({ match }) => match.rule.period.unit === 'day')
  let limit = 0n
  let spent = 0n
  for (const cap of counted) {
    limit += cap.match.rule.limit
    spent += cap.spent
  }
  return limit === 0n ? {} : { budget_utilization_pct: Number((spent * 10_000n) / limit) / 100 }
}

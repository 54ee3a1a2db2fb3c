import { Type } from '@sinclair/typebox'
import { UsdText } from '../scalars.ts'
import { KnownUsdText, UnpricedCalls } from './fields.ts'
import { tool } from './tool.ts'

export const LEADERBOARD_METRICS = ['cost_efficiency', 'total_spend', 'calls', 'success_rate'] as const

export const getAgentLeaderboard = tool({
  tool: 'get_agent_leaderboard',
  title: 'Agents, the best first',
  description:
    'The agents of the organization in the current month (UTC), ranked. cost_efficiency is successful calls per US dollar of known cost; total_spend and calls rank the largest first; success_rate is successful calls of all. An agent without known cost has no efficiency and stands last.',
  input: Type.Object(
    {
      metric: Type.Optional(
        Type.Union(
          LEADERBOARD_METRICS.map((name) => Type.Literal(name)),
          { default: 'cost_efficiency' },
        ),
      ),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000, default: 100 })),
    },
    { additionalProperties: false },
  ),
  answer: Type.Object({
    metric: Type.String(),
    period_start: Type.String(),
    agents: Type.Array(
      Type.Object({
        rank: Type.Integer({ minimum: 1 }),
        agent_id: Type.String(),
        efficiency_score: Type.Optional(
          Type.Number({ description: 'Successful calls per US dollar. Left out without a known cost above zero.' }),
        ),
        total_spend: KnownUsdText,
        calls: Type.Integer({ minimum: 0 }),
        successful_calls: Type.Integer({ minimum: 0 }),
        success_rate: Type.Number({ minimum: 0, maximum: 1 }),
        unpriced_calls: UnpricedCalls,
      }),
    ),
  }),
  permission: 'read',
  effect: 'read',
  example: { metric: 'cost_efficiency' },
})

export const getPlatformStats = tool({
  tool: 'get_platform_stats',
  title: 'The whole fleet in figures',
  description:
    'Figures of the organization in the current month (UTC): agents with calls, cost, calls, how much of the agents’ caps is used, and how many agents have used theirs up.',
  input: Type.Object({}, { additionalProperties: false }),
  answer: Type.Object({
    active_agents: Type.Integer({ minimum: 0 }),
    total_spend_mtd: KnownUsdText,
    avg_cost_per_call: Type.Optional(Type.String({ ...UsdText, description: 'Over the calls with a known price.' })),
    total_calls_mtd: Type.Integer({ minimum: 0 }),
    unpriced_calls_mtd: UnpricedCalls,
    budget_utilization_pct: Type.Optional(
      Type.Number({
        description: 'Spent of the monthly caps of agents, else of their daily caps, in percent. Left out when no agent has a cap.',
      }),
    ),
    agents_with_caps: Type.Integer({ minimum: 0 }),
    agents_over_budget: Type.Integer({ minimum: 0, description: 'Agents of which a hard cap has nothing left.' }),
    period_start: Type.String(),
  }),
  permission: 'read',
  effect: 'read',
  example: {},
})

import { Type } from '@sinclair/typebox'
import { UsdText } from '../scalars.ts'
import { AgentField, DateField, KnownUsdNumber, KnownUsdText, UnpricedCalls } from './fields.ts'
import { tool } from './tool.ts'

const TotalCalls = Type.Integer({ minimum: 0 })
const FailedCalls = Type.Integer({ minimum: 0 })

export const getUsageAnalytics = tool({
  tool: 'get_usage_analytics',
  title: 'What an agent spent between two days',
  description: 'Cost and calls of an agent between two days, both included, with one line for each day.',
  input: Type.Object({ ...AgentField, start_date: DateField, end_date: DateField }, { additionalProperties: false }),
  answer: Type.Object({
    agent_id: Type.String(),
    start_date: Type.String(),
    end_date: Type.String(),
    total_cost: KnownUsdText,
    total_calls: TotalCalls,
    failed_calls: FailedCalls,
    unpriced_calls: UnpricedCalls,
    revenue_earned: Type.String({ ...UsdText, description: 'What other agents and customers paid it.' }),
    purchases: Type.String({ ...UsdText, description: 'What it paid other agents; not in the cost of its calls.' }),
    days: Type.Array(
      Type.Object({ date: Type.String(), cost: KnownUsdText, calls: Type.Integer({ minimum: 0 }), unpriced_calls: UnpricedCalls }),
    ),
  }),
  permission: 'read',
  effect: 'read',
  example: { agent_id: 'researcher-01', start_date: '2026-11-16', end_date: '2026-11-22' },
})

export const getBillingSummary = tool({
  tool: 'get_billing_summary',
  title: 'What an agent has cost in the current period',
  description:
    'Cost and calls of an agent in the current day, week (from Monday) or month, in UTC. `period_end` is the last day of the period.',
  input: Type.Object(
    {
      ...AgentField,
      period: Type.Optional(Type.Union([Type.Literal('daily'), Type.Literal('weekly'), Type.Literal('monthly')], { default: 'monthly' })),
    },
    { additionalProperties: false },
  ),
  answer: Type.Object({
    agent_id: Type.String(),
    period: Type.String(),
    period_start: Type.String({ description: 'First day.' }),
    period_end: Type.String({ description: 'Last day, included.' }),
    total_cost: KnownUsdText,
    total_calls: TotalCalls,
    failed_calls: FailedCalls,
    unpriced_calls: UnpricedCalls,
    avg_cost_per_call: Type.Optional(Type.String({ ...UsdText, description: 'Over the calls with a known price.' })),
  }),
  permission: 'read',
  effect: 'read',
  example: { agent_id: 'researcher-01', period: 'monthly' },
})

export const getSpendingByCategory = tool({
  tool: 'get_spending_by_category',
  title: 'What an agent spends its money on',
  description:
    'Cost of an agent by category, dearest first. The category of a call is the action it names, else its model or tool, else its seller. Categories of which no price is known stand apart in `unpriced_categories`.',
  input: Type.Object(
    { ...AgentField, start_date: Type.Optional(DateField), end_date: Type.Optional(DateField) },
    { additionalProperties: false },
  ),
  answer: Type.Object({
    agent_id: Type.String(),
    categories: Type.Array(
      Type.Object({
        category: Type.String(),
        total_cost: KnownUsdNumber,
        total_cost_exact: UsdText,
        call_count: Type.Integer({ minimum: 0 }),
        unpriced_calls: UnpricedCalls,
      }),
    ),
    unpriced_categories: Type.Array(Type.Object({ category: Type.String(), call_count: Type.Integer({ minimum: 1 }) })),
    total_cost: KnownUsdText,
    total_calls: TotalCalls,
    unpriced_calls: UnpricedCalls,
  }),
  permission: 'read',
  effect: 'read',
  example: { agent_id: 'researcher-01', start_date: '2026-11-01', end_date: '2026-11-22' },
})

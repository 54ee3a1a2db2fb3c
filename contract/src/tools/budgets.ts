import { type Static, Type } from '@sinclair/typebox'
import { Nullable, Time, UsdText } from '../scalars.ts'
import { AgentField, AmountField, RoundedFrom, UnpricedCalls } from './fields.ts'
import { tool } from './tool.ts'

const Zone = Type.Optional(
  Type.String({
    minLength: 1,
    maxLength: 64,
    description: 'IANA time zone in which days and months begin. Default: as set before, else UTC.',
  }),
)

export const setBudgetCap = tool({
  tool: 'set_budget_cap',
  title: 'Cap what an agent may spend',
  description:
    'Sets a hard limit on what an agent may spend in a day, and optionally in a month. Calling it again changes the limits; a monthly limit that is left out stays as it is. A limit of 0 stops all spending.',
  input: Type.Object(
    { ...AgentField, daily_limit: AmountField, monthly_limit: Type.Optional(AmountField), zone: Zone },
    { additionalProperties: false },
  ),
  answer: Type.Object({
    agent_id: Type.String(),
    daily_limit: UsdText,
    monthly_limit: Type.Optional(UsdText),
    zone: Type.String(),
    status: Type.Union([Type.Literal('created'), Type.Literal('changed'), Type.Literal('unchanged')]),
    ...RoundedFrom,
  }),
  permission: 'manage',
  effect: 'replace',
  idempotent: true,
  example: { agent_id: 'researcher-01', daily_limit: '25.00', monthly_limit: '500.00' },
})

const standing = {
  agent_id: Type.String(),
  daily_limit: Type.Optional(Type.String({ ...UsdText, description: 'Left out when no daily cap is set.' })),
  monthly_limit: Type.Optional(Type.String({ ...UsdText, description: 'Left out when no monthly cap is set.' })),
  spent_today: Type.Optional(
    Type.String({ ...UsdText, description: 'Left out when there were calls and no price of any of them is known.' }),
  ),
  spent_this_month: Type.Optional(
    Type.String({ ...UsdText, description: 'Left out when there were calls and no price of any of them is known.' }),
  ),
  held: Type.String({ ...UsdText, description: 'Set aside for calls that are under way.' }),
  remaining_daily: Type.Optional(UsdText),
  remaining_monthly: Type.Optional(UsdText),
  resets: Type.Object({ daily: Time, monthly: Time }),
  zone: Type.String(),
  exhausted: Type.Boolean({ description: 'Whether a hard cap of the agent has nothing left: tools that are metered are refused.' }),
  unpriced_calls_today: UnpricedCalls,
  unpriced_calls_this_month: UnpricedCalls,
}

export const getBudgetStatus = tool({
  tool: 'get_budget_status',
  title: 'How an agent stands against its caps',
  description:
    'What an agent has spent today and this month, what is held for calls under way, its caps, what is left of them, and when they reset.',
  input: Type.Object({ ...AgentField }, { additionalProperties: false }),
  answer: Type.Object(standing),
  permission: 'read',
  effect: 'read',
  example: { agent_id: 'researcher-01' },
})

export const getSpendingAllowance = tool({
  tool: 'get_spending_allowance',
  title: 'What may I still spend?',
  description:
    'Ask this before expensive work. Says the most that a single next call may cost now, which limit that comes from (caps of the agent, budgets of its organization, its wallet), and when each limit resets. Null means that nothing limits it.',
  input: Type.Object({ ...AgentField }, { additionalProperties: false }),
  answer: Type.Object({
    agent_id: Type.String(),
    may_spend_usd: Nullable(Type.String({ ...UsdText, description: 'The most that a next call may cost. Null: nothing limits it.' })),
    limited_by: Nullable(Type.String({ description: 'The limit that is reached first, in words. Null: nothing limits it.' })),
    limits: Type.Array(
      Type.Object({
        kind: Type.Union([Type.Literal('budget'), Type.Literal('wallet')]),
        scope: Type.String({ description: 'Whose limit: agent "researcher", organization "acme".' }),
        period: Nullable(Type.String()),
        limit_usd: Nullable(UsdText),
        spent_usd: Nullable(UsdText),
        held_usd: UsdText,
        remaining_usd: UsdText,
        resets_at: Nullable(Time),
      }),
      { description: 'Every hard limit that a call of the agent counts in, the tightest first.' },
    ),
  }),
  permission: 'read',
  effect: 'read',
  example: { agent_id: 'researcher-01' },
})

export type BudgetStatus = Static<(typeof getBudgetStatus)['answer']>
export type SpendingAllowance = Static<(typeof getSpendingAllowance)['answer']>

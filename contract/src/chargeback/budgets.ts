import { type Static, Type } from '@sinclair/typebox'
import { Id, Name, Nullable, Time, UsdInput, UsdNumber, UsdText } from '../scalars.ts'

const PeriodType = Type.Union(
  (['hourly', 'daily', 'weekly', 'monthly', 'quarterly', 'yearly', 'total'] as const).map((name) => Type.Literal(name)),
  { description: 'monthly when left out.' },
)
const Mode = Type.Union([Type.Literal('soft'), Type.Literal('hard'), Type.Literal('shadow')], {
  description:
    'soft (also when left out) tells, hard refuses the call that would pass the limit, shadow only records what hard would refuse.',
})
const Thresholds = Type.Array(Type.Integer({ minimum: 1, maximum: 100 }), {
  maxItems: 20,
  description: 'Percent of the limit, each told once in a period. 75, 90, 100 when left out.',
})

const settable = {
  name: Type.Optional(Nullable(Name)),
  dimension: Type.String({ minLength: 1, maxLength: 260, description: 'costCenter, project, team, or any other dimension of budgets.' }),
  value: Type.String({ minLength: 1, maxLength: 256, description: 'One value, or *: each value has a limit of its own.' }),
  limitUsd: UsdInput,
  periodType: Type.Optional(PeriodType),
  mode: Type.Optional(Mode),
  alertThresholds: Type.Optional(Thresholds),
  zone: Type.Optional(Type.String({ maxLength: 64, description: 'IANA time zone in which the period begins. UTC when left out.' })),
  organizationId: Type.Optional(Nullable(Id)),
}

export const CostBudgetSet = Type.Object(settable, { $id: 'CostBudgetSet', additionalProperties: false })

const change = {
  name: settable.name,
  limitUsd: Type.Optional(UsdInput),
  mode: settable.mode,
  alertThresholds: settable.alertThresholds,
  organizationId: settable.organizationId,
}
export const CostBudgetChange = Type.Object({ id: Id, ...change }, { $id: 'CostBudgetChange', additionalProperties: false })

const budget = {
  id: Type.String(),
  organizationId: Type.String(),
  name: Nullable(Type.String()),
  dimension: Type.String(),
  value: Type.String(),
  limitUsd: UsdNumber,
  limitUsdExact: UsdText,
  periodType: Type.String({ description: 'As set; a window that rolls is rolling:<length>.' }),
  mode: Type.String(),
  alertThresholds: Type.Array(Type.Integer()),
  zone: Type.String(),
  createdAt: Time,
}
export const CostBudget = Type.Object(budget, { $id: 'CostBudget' })
export const CostBudgetsQuery = Type.Object(
  {
    dimension: Type.Optional(Type.String({ maxLength: 260 })),
    value: Type.Optional(Type.String({ maxLength: 256 })),
    organizationId: Type.Optional(Id),
  },
  { $id: 'CostBudgetsQuery', additionalProperties: false },
)
export const CostBudgets = Type.Object({ budgets: Type.Array(Type.Ref('CostBudget')) }, { $id: 'CostBudgets' })
export const CostBudgetRemove = Type.Object(
  { id: Id, organizationId: Type.Optional(Id) },
  { $id: 'CostBudgetRemove', additionalProperties: false },
)
export const CostBudgetRemoved = Type.Object(
  { id: Type.String(), organizationId: Type.String(), deleted: Type.Literal(true) },
  { $id: 'CostBudgetRemoved' },
)

export const CostBudgetStatus = Type.Object(
  {
    ...budget,
    value: Type.String({ description: 'Of a budget on * there is one entry for each value that something was spent for.' }),
    spentUsd: UsdNumber,
    spentUsdExact: UsdText,
    heldUsd: Type.String({ description: 'Held for calls that are being made now.' }),
    remainingUsd: UsdText,
    percentUsed: Nullable(Type.Number({ description: 'Null for a limit of zero that something was spent of.' })),
    alertState: Type.Union([Type.Literal('ok'), Type.Literal('warning'), Type.Literal('critical'), Type.Literal('exceeded')], {
      description:
        'By the thresholds of the budget: warning from the lowest on, critical from the highest below 100 on where it has more than one, exceeded from 100 % on.',
    }),
    periodStart: Nullable(Time),
    resetsAt: Nullable(Time),
  },
  { $id: 'CostBudgetStatus' },
)
export const CostBudgetsStatus = Type.Object(
  { budgets: Type.Array(Type.Ref('CostBudgetStatus')), asOf: Time },
  { $id: 'CostBudgetsStatus' },
)

export type CostBudgetSet = Static<typeof CostBudgetSet>
export type CostBudget = Static<typeof CostBudget>
export type CostBudgets = { budgets: CostBudget[] }
export type CostBudgetRemoved = Static<typeof CostBudgetRemoved>
export type CostBudgetStatus = Static<typeof CostBudgetStatus>
export type CostBudgetsStatus = { budgets: CostBudgetStatus[]; asOf: string }

import { type Static, Type } from '@sinclair/typebox'
import { Id, Name, Nullable, Time, UsdInput, UsdText } from './scalars.ts'

const organization = { organization_id: Type.Optional(Nullable(Id)) }

export const FundWorker = Type.Object(
  {
    orchestrator: Name,
    worker: Name,
    task_budget_usd: UsdInput,
    task_id: Type.Optional(Nullable(Id)),
    cap: Type.Optional(Type.Boolean({ description: 'Also limit the worker to the task’s budget for today. True when left out.' })),
    ...organization,
  },
  { $id: 'FundWorker', additionalProperties: false },
)

export const WorkerFunded = Type.Object(
  {
    worker: Type.String(),
    orchestrator: Type.String(),
    moved_usd: Type.String({ description: 'What the worker lacked; 0 when it had enough.' }),
    available_usd: Type.String({ description: 'What the worker can spend now.' }),
    budget_id: Nullable(Type.String()),
    limit_usd: Nullable(UsdText),
    replayed: Type.Boolean(),
  },
  { $id: 'WorkerFunded' },
)

export const RebalanceBudgets = Type.Object(
  {
    agents: Type.Optional(
      Type.Array(Name, {
        minItems: 2,
        maxItems: 1_000,
        description: 'All agents that have a hard budget of a day of their own when left out.',
      }),
    ),
    donor_below_pct: Type.Optional(Type.Number({ minimum: 0, maximum: 100, description: 'Who has used less gives. 30 when left out.' })),
    receiver_above_pct: Type.Optional(
      Type.Number({ minimum: 0, maximum: 100, description: 'Who has used more receives. 80 when left out.' }),
    ),
    share_pct: Type.Optional(Type.Number({ minimum: 1, maximum: 100, description: 'Of what a donor has left. 50 when left out.' })),
    floor_usd: Type.Optional(UsdInput),
    dry_run: Type.Optional(Type.Boolean({ description: 'Say what would change, and change nothing.' })),
    ...organization,
  },
  { $id: 'RebalanceBudgets', additionalProperties: false },
)

export const BudgetsRebalanced = Type.Object(
  {
    changes: Type.Array(
      Type.Object({
        agent_name: Type.String(),
        budget_id: Type.String(),
        used_pct: Nullable(Type.Number()),
        old_limit_usd: UsdText,
        new_limit_usd: UsdText,
      }),
    ),
    moved_usd: Type.String({ description: 'What the donors gave, which is what the receivers got, to the pico-dollar.' }),
    total_limit_usd: Type.String({ description: 'Of all the budgets together; the same as before.' }),
    applied: Type.Boolean(),
    reason: Nullable(Type.String({ description: 'Why nothing changes.' })),
  },
  { $id: 'BudgetsRebalanced' },
)

export const InvoiceQuery = Type.Object(
  {
    customer_id: Id,
    agents: Type.Array(Name, { minItems: 1, maxItems: 1_000 }),
    markup_pct: Type.Optional(Type.Number({ minimum: 0, maximum: 10_000, description: '0 when left out.' })),
    period: Type.Optional(Type.String({ maxLength: 32, description: 'month when left out.' })),
    from: Type.Optional(Time),
    to: Type.Optional(Time),
    zone: Type.Optional(Type.String({ maxLength: 64 })),
    ...organization,
  },
  { $id: 'InvoiceQuery', additionalProperties: false },
)

export const Invoice = Type.Object(
  {
    customer_id: Type.String(),
    organization_id: Type.String(),
    from: Nullable(Time),
    to: Nullable(Time),
    line_items: Type.Array(
      Type.Object({
        agent_name: Type.String(),
        calls: Type.Integer(),
        unpriced_calls: Type.Integer(),
        cost_usd: Nullable(UsdText),
        amount_usd: Nullable(UsdText),
      }),
      { description: 'One line for each agent, rounded to the cent; the lines add up to the total.' },
    ),
    cost_usd: Nullable(Type.String({ description: 'What the calls cost, exact, as far as their price is known; null when no price is.' })),
    markup_pct: Type.Number(),
    markup_usd: Nullable(Type.String({ description: 'The total less the cost as rounded to the cent.' })),
    total_usd: Nullable(Type.String({ description: 'In whole cents; null when no price of any call is known.' })),
    unpriced_calls: Type.Integer({ description: 'Calls whose price is not known: the invoice does not hold them.' }),
  },
  { $id: 'Invoice' },
)

export type WorkerFunded = Static<typeof WorkerFunded>
export type BudgetsRebalanced = Static<typeof BudgetsRebalanced>
export type Invoice = Static<typeof Invoice>

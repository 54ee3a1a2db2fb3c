import { type Static, Type } from '@sinclair/typebox'
import { Id, Name, Nullable, PromptFingerprint, Quantity, Tags, Time, UsdInput, UsdText } from './scalars.ts'
import { ServiceTier } from './tracking.ts'

/** Who and what a call is for, before it is made. What it does not say it inherits from its run, then its session, then its key. */
const attribution = {
  organization_id: Type.Optional(Nullable(Id)),
  agent_name: Type.Optional(Nullable(Name)),
  user_id: Type.Optional(Nullable(Id)),
  session_id: Type.Optional(Nullable(Id)),
  workflow_id: Type.Optional(Nullable(Id)),
  workflow_name: Type.Optional(Nullable(Name)),
  team: Type.Optional(Nullable(Name)),
  project: Type.Optional(Nullable(Name)),
  cost_center: Type.Optional(Nullable(Name)),
  action: Type.Optional(Nullable(Name)),
  tags: Type.Optional(Nullable(Tags)),
}

const TtlSeconds = Type.Integer({
  minimum: 1,
  maximum: 86_400,
  description: 'Seconds until the money is taken back if the call is neither settled nor extended. 600 when left out.',
})

export const AuthorizeCall = Type.Object(
  {
    call_id: Type.Optional(Nullable(Id)),
    model: Name,
    provider: Type.Optional(Nullable(Type.String({ minLength: 1, maxLength: 64 }))),
    input_tokens: Quantity,
    max_output_tokens: Quantity,
    service_tier: Type.Optional(Nullable(ServiceTier)),
    region: Type.Optional(Nullable(Type.String({ maxLength: 64 }))),
    ttl_seconds: Type.Optional(TtlSeconds),
    clamp: Type.Optional(
      Type.Boolean({
        description: 'Instead of a refusal: hold for the longest output that fits, and say how long that is.',
        default: false,
      }),
    ),
    prompt_fingerprint: Type.Optional(Nullable(PromptFingerprint)),
    ...attribution,
  },
  {
    $id: 'AuthorizeCall',
    additionalProperties: false,
    description:
      'Holds the most that a call can cost, in every budget that it counts in at once or in none. Settle it with the same call_id.',
  },
)

/** How a budget stands for one value. */
export const BudgetStanding = Type.Object(
  {
    budget_id: Type.String(),
    name: Nullable(Type.String()),
    dimension: Type.String(),
    value: Type.String(),
    mode: Type.String(),
    limit_usd: UsdText,
    spent_usd: UsdText,
    held_usd: UsdText,
    remaining_usd: UsdText,
    period_start: Nullable(Time),
    resets_at: Nullable(Time),
  },
  { $id: 'BudgetStanding' },
)

export const CallAuthorized = Type.Object(
  {
    call_id: Type.String(),
    organization_id: Type.String(),
    held_usd: Nullable(UsdText),
    max_output_tokens: Type.Integer({ description: 'What the hold allows for; less than was asked for when it was clamped.' }),
    clamped: Type.Boolean(),
    expires_at: Time,
    budgets: Type.Array(Type.Ref('BudgetStanding'), { description: 'Every budget that the call counts in, after the hold.' }),
    replayed: Type.Boolean(),
  },
  { $id: 'CallAuthorized' },
)

/** A cost above what was held for it. It was posted in full. */
export const Overrun = Type.Object(
  {
    held_usd: UsdText,
    amount_usd: Type.String({ description: 'How much more the call cost than was held for it.' }),
    cause: Nullable(Type.String({ description: 'The cause that made most of it. Null where the plan of the hold is not in the journal.' })),
    causes: Type.Array(
      Type.Object({
        cause: Type.String({
          description:
            'price_was_unknown, price_changed, other_model, other_tier, other_region, unplanned_meter, more_output, more_input, stated_cost or not_foreseen.',
        }),
        amount_usd: Type.String({
          description: 'What it added. The causes may come to more than the overrun where something else cost less than planned.',
        }),
        detail: Type.String(),
      }),
      { description: 'The largest first.' },
    ),
  },
  { $id: 'Overrun', description: 'The call cost more than was held for it; it is posted in full all the same.' },
)

export const ExtendHold = Type.Object(
  {
    call_id: Id,
    extension_id: Type.Optional(Nullable(Id)),
    ttl_seconds: Type.Optional(TtlSeconds),
    input_tokens: Type.Optional(Quantity),
    max_output_tokens: Type.Optional(Quantity),
    organization_id: Type.Optional(Nullable(Id)),
  },
  { $id: 'ExtendHold', additionalProperties: false, description: 'Keeps the money longer; with token counts, for another worst case.' },
)

export const HoldExtended = Type.Object(
  {
    call_id: Type.String(),
    organization_id: Type.String(),
    held_usd: Nullable(UsdText),
    expires_at: Time,
    replayed: Type.Boolean(),
  },
  { $id: 'HoldExtended' },
)

export const VoidHold = Type.Object(
  { call_id: Id, reason: Type.Optional(Nullable(Type.String({ maxLength: 256 }))), organization_id: Type.Optional(Nullable(Id)) },
  { $id: 'VoidHold', additionalProperties: false, description: 'The call is not made: what was held for it is free again.' },
)

export const HoldVoided = Type.Object(
  { call_id: Type.String(), organization_id: Type.String(), replayed: Type.Boolean() },
  { $id: 'HoldVoided' },
)

export const BudgetSet = Type.Object(
  {
    budget_id: Type.Optional(Nullable(Id)),
    organization_id: Type.Optional(Nullable(Id)),
    name: Type.Optional(Nullable(Name)),
    dimension: Type.String({
      minLength: 1,
      maxLength: 260,
      description:
        'organization, agent, team, project, cost_center, user, session, workflow, run (with all runs below it, from the start that hangs them there), model, seller, key, action, or tag:<name>.',
    }),
    value: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 256,
        description: 'One value, or * (also when left out): each value has a limit of its own.',
      }),
    ),
    period: Type.String({
      minLength: 1,
      maxLength: 32,
      description: 'hour, day, week, month, quarter, year, total, or a rolling window: rolling:24h.',
    }),
    zone: Type.Optional(Type.String({ maxLength: 64, description: 'IANA time zone in which days and months begin. UTC when left out.' })),
    limit_usd: UsdInput,
    mode: Type.Optional(
      Type.Union([Type.Literal('hard'), Type.Literal('soft'), Type.Literal('shadow')], {
        description: 'hard refuses, soft alerts, shadow only records what hard would refuse. hard when left out.',
      }),
    ),
    thresholds: Type.Optional(
      Type.Array(Type.Integer({ minimum: 1, maximum: 100 }), {
        maxItems: 20,
        description: 'Percent of the limit, each told once in a period. 75, 90, 100 when left out.',
      }),
    ),
    unpriced: Type.Optional(
      Type.Union([Type.Literal('deny'), Type.Literal('worst_case'), Type.Literal('allow')], {
        description: 'What a hard budget does with a model without a known price. deny when left out.',
      }),
    ),
  },
  { $id: 'BudgetSet', additionalProperties: false },
)

const budget = {
  budget_id: Type.String(),
  organization_id: Type.String(),
  name: Nullable(Type.String()),
  dimension: Type.String(),
  value: Type.String(),
  period: Type.String(),
  zone: Type.String(),
  limit_usd: UsdText,
  mode: Type.String(),
  thresholds: Type.Array(Type.Integer()),
  unpriced: Type.String(),
  created_at: Time,
  counts_from: Nullable(Time),
}

export const Budget = Type.Object(budget, { $id: 'Budget' })

export const BudgetWasSet = Type.Object({ budget: Type.Ref('Budget'), replaced: Nullable(Type.Ref('Budget')) }, { $id: 'BudgetWasSet' })

export const BudgetsQuery = Type.Object(
  {
    organization_id: Type.Optional(Nullable(Id)),
    dimension: Type.Optional(Type.String({ maxLength: 260 })),
    value: Type.Optional(Type.String({ maxLength: 256 })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000 })),
  },
  { $id: 'BudgetsQuery', additionalProperties: false },
)

export const BudgetsAnswer = Type.Object(
  {
    budgets: Type.Array(
      Type.Object({
        ...budget,
        standings: Type.Array(Type.Ref('BudgetStanding'), { description: 'Now, the fullest first; of a template one for each value.' }),
      }),
    ),
  },
  { $id: 'BudgetsAnswer' },
)

export const BudgetRemove = Type.Object(
  { budget_id: Id, organization_id: Type.Optional(Nullable(Id)) },
  { $id: 'BudgetRemove', additionalProperties: false },
)

export const BudgetRemoved = Type.Object({ budget_id: Type.String(), organization_id: Type.String() }, { $id: 'BudgetRemoved' })

export type AuthorizeCall = Static<typeof AuthorizeCall>
export type BudgetSet = Static<typeof BudgetSet>
export type Budget = Static<typeof Budget>
export type BudgetStanding = Static<typeof BudgetStanding>
export type BudgetRemoved = Static<typeof BudgetRemoved>
export type Overrun = Static<typeof Overrun>
export type HoldExtended = Static<typeof HoldExtended>
export type HoldVoided = Static<typeof HoldVoided>
export type CallAuthorized = Omit<Static<typeof CallAuthorized>, 'budgets'> & { budgets: BudgetStanding[] }
export type BudgetWasSet = { budget: Budget; replaced: Budget | null }
export type BudgetsAnswer = { budgets: (Budget & { standings: BudgetStanding[] })[] }

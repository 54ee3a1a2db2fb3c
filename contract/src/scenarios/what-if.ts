import { type Static, type TSchema, Type } from '@sinclair/typebox'
import { Scope } from '../analytics.ts'
import { BudgetSet } from '../budgets.ts'
import { TOKEN_RATES } from '../rates.ts'
import { Name, Nullable, UsdInput, UsdNumber, UsdText } from '../scalars.ts'
import { ServiceTier } from '../tracking.ts'

const value = Type.Union([Type.String({ maxLength: 256 }), Type.Null()])

/** Calls with one of the values of every dimension that is named; null is a call that does not say. */
const Where = Type.Record(
  Type.String({ minLength: 1, maxLength: 260 }),
  Type.Union([value, Type.Array(value, { minItems: 1, maxItems: 1_000 })]),
  {
    maxProperties: 16,
    description:
      'By dimension (organization, agent, model, seller, workflow, run, session, user, team, project, cost_center, action, key, source, status, error, tag:<name>) a value or several; null: calls that do not say.',
  },
)

const Percent = Type.Union([Type.String({ pattern: '^-?\\d{1,4}(\\.\\d{1,6})?$' }), Type.Number({ minimum: -100, maximum: 9_999 })], {
  description: 'Percent: -20 is a fifth less. Text is exact.',
})

const OptionalPrice = Type.Optional(UsdInput)
const tokenRates = Object.fromEntries(TOKEN_RATES.map((rate) => [`${rate}_per_1m`, OptionalPrice])) as Record<
  `${(typeof TOKEN_RATES)[number]}_per_1m`,
  typeof OptionalPrice
>

function strict<P extends Record<string, TSchema>>(properties: P, description: string) {
  return Type.Object(properties, { additionalProperties: false, description })
}

const WhatIfChange = Type.Object(
  {
    swap_model: Type.Optional(
      strict(
        { from: Type.Optional(Name), to: Name, provider: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })) },
        'The calls on `from` (all when left out) go to `to`, with the same tokens. Bought where they were bought, or at the maker where that seller does not list it.',
      ),
    ),
    tier: Type.Optional(ServiceTier),
    caching: Type.Optional(
      strict(
        {
          read_share: Type.Optional(
            Type.Number({ minimum: 0, maximum: 1, description: 'Of the input of each call, at least so much is read from the cache.' }),
          ),
          repeats: Type.Optional(
            Type.Union([Type.Literal('5m'), Type.Literal('1h')], {
              description:
                'The input of requests that come again within this time is read from the cache, and written by the first of them.',
            }),
          ),
        },
        'One of the two.',
      ),
    ),
    price: Type.Optional(
      strict(
        {
          model: Type.Optional(Name),
          provider: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
          percent: Type.Optional(Percent),
          ...tokenRates,
        },
        'A percentage on a model, a provider or both; or rates of your own for a model. Meters that are not named keep their price.',
      ),
    ),
    drop: Type.Optional(Where),
    dedupe: Type.Optional(
      Type.Union([
        Type.Literal(true),
        strict(
          { within_hours: Type.Integer({ minimum: 1, maximum: 8_760 }) },
          'How long an answer is used again. 24 when only true is said.',
        ),
      ]),
    ),
    output_cap: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 1_000_000_000, description: 'Tokens of output a call at the most, reasoning included.' }),
    ),
    retries: Type.Optional(Type.Literal('none')),
    where: Type.Optional(Where),
  },
  { additionalProperties: false, description: 'One change, for the calls that `where` lets through.' },
)

const { budget_id, organization_id: _, name: __, mode: ___, thresholds: ____, ...rule } = BudgetSet.properties
const WhatIfBudget = Type.Object(
  { ...Type.Partial(Type.Object(rule)).properties, budget_id },
  {
    additionalProperties: false,
    description: 'A budget as it is set, or an existing one by its id with what is to be otherwise. Taken as a hard one.',
  },
)

export const WhatIfQuestion = Type.Object(
  {
    ...Scope,
    where: Type.Optional(Where),
    changes: Type.Optional(Type.Array(WhatIfChange, { maxItems: 16 })),
    prices_at: Type.Optional(
      Type.Union([Type.Literal('call'), Type.Literal('now')], {
        description: 'Rates in force when each call was made (when left out), or those in force now.',
      }),
    ),
    budget: Type.Optional(WhatIfBudget),
    decide_by: Type.Optional(
      Type.Union([Type.Literal('cost'), Type.Literal('hold')], {
        description:
          'What a budget would have looked at: the cost as posted (when left out), or the amount that was held for the call where there was one.',
      }),
    ),
    call_ids: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 1_000, description: 'How many refused calls are named. 100 when left out.' }),
    ),
  },
  { $id: 'WhatIfQuestion', additionalProperties: false },
)

const line = {
  calls: Type.Integer(),
  affected_calls: Type.Integer(),
  unsaid_calls: Type.Integer(),
  unpriced_calls: Type.Integer({ description: 'In none of the amounts.' }),
  posted_cost: Nullable(UsdText),
  cost: Nullable(
    Type.String({
      description: 'Calls that nothing can be said of are in it at what they have cost. Null where that is not known either.',
    }),
  ),
  difference: Nullable(Type.String({ description: 'Below zero: it would have cost less.' })),
}

const Scenario = Type.Object({
  method: Type.String({ description: 'calls: every call was looked at. sums: there were too many, and sums of calls were priced.' }),
  prices_at: Type.String(),
  calls: Type.Integer(),
  affected_calls: Type.Integer(),
  unpriced_calls: Type.Integer({ description: 'In none of the amounts.' }),
  posted_cost_usd: Nullable(UsdNumber),
  posted_cost: Nullable(UsdText),
  cost_usd: Nullable(UsdNumber),
  cost: Nullable(
    Type.String({
      description: 'Exact. What nothing can be said of is in it as posted. Null: nothing can be said of any call that the changes concern.',
    }),
  ),
  difference: Nullable(Type.String()),
  is_exact: Type.Boolean({ description: 'Every call could be said, and at a price that leaves nothing open.' }),
  said: Type.Object({ calls: Type.Integer(), posted_cost: UsdText, share_of_cost: Nullable(Type.Number()) }),
  unsaid: Type.Array(
    Type.Object({
      reason: Type.String({
        description: 'unpriced, no_fingerprint, attested, unexplained, no_rate, no_tier_rate or not_in_journal.',
      }),
      detail: Type.String(),
      calls: Type.Integer(),
      posted_cost: Nullable(UsdText),
      call_ids: Type.Array(Type.String()),
    }),
  ),
  range: Nullable(
    Type.Object(
      { low: Type.String(), high: Type.String(), is_estimate: Type.Boolean() },
      { description: 'At one end the unsaid calls cost what they have cost, at the other they fare like the ones that were priced again.' },
    ),
  ),
  by_model: Type.Array(Type.Object({ model: Nullable(Type.String()), ...line })),
  by_day: Type.Array(Type.Object({ date: Type.String(), ...line })),
  assumptions: Type.Array(Type.String()),
})

const refusals = {
  calls: Type.Integer({ description: 'Calls that count in it.' }),
  cost: UsdText,
  refused_calls: Type.Integer(),
  refused_cost: UsdText,
  refused_unpriced_calls: Type.Integer({ description: 'Of the refused, those of which no price is known.' }),
}

const BudgetReplayed = Type.Object({
  budget: Type.Object({
    budget_id: Nullable(Type.String()),
    organization_id: Type.String(),
    dimension: Type.String(),
    value: Type.String(),
    period: Type.String(),
    zone: Type.String(),
    limit_usd: UsdText,
    unpriced: Type.String(),
  }),
  decided_by: Type.String(),
  decided_by_hold: Type.Integer({ description: 'Calls that were decided by what was held for them.' }),
  ...refusals,
  refused_share_of_cost: Nullable(Type.Number()),
  lines: Type.Array(
    Type.Object({
      value: Type.String(),
      period_start: Nullable(
        Type.String({ description: 'Null for all time, and for a rolling window, of which the first refusal tells when.' }),
      ),
      ...refusals,
      spent: Type.String({ description: 'What would have been let through.' }),
      first_refusal_at: Nullable(Type.String()),
    }),
    { description: 'By value and period, the first refusal first.' },
  ),
  lines_total: Type.Integer(),
  call_ids: Type.Array(Type.String(), { description: 'The first of the refused calls.' }),
  runs: Type.Object({
    with_calls: Type.Integer(),
    hit: Type.Integer(),
    share: Nullable(Type.Number()),
    workflow_ids: Type.Array(Type.String()),
  }),
  existing: Nullable(
    Type.Object(
      {
        budget_id: Type.String(),
        limit_usd: UsdText,
        mode: Type.String(),
        refused_in: Type.Array(Type.Object({ value: Type.String(), period_start: Nullable(Type.String()) })),
      },
      { description: 'The budget as it is that counts the same, and where it has refused calls in this time.' },
    ),
  ),
  assumptions: Type.Array(Type.String()),
})

export const WhatIfAnswer = Type.Object(
  {
    period: Type.Object({ from: Nullable(Type.String()), to: Nullable(Type.String()) }),
    as_of: Type.String(),
    scenario: Nullable(Scenario),
    budget: Nullable(BudgetReplayed),
  },
  { $id: 'WhatIfAnswer' },
)

export type Where = Static<typeof Where>
export type WhatIfChange = Static<typeof WhatIfChange>
export type WhatIfQuestion = Static<typeof WhatIfQuestion>
export type WhatIfAnswer = Static<typeof WhatIfAnswer>
export type WhatIfScenario = Static<typeof Scenario>
export type WhatIfBudgetReplayed = Static<typeof BudgetReplayed>

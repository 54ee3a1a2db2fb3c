import { type Static, Type } from '@sinclair/typebox'
import { Id, Nullable, UsdNumber, UsdText } from '../scalars.ts'

const Interval = Type.Object(
  { low: UsdNumber, high: UsdNumber },
  { description: 'The truth is expected inside of it as often as its name says: docs/forecast.md says how often it was.' },
)

const Status = Type.Union([Type.Literal('forecast'), Type.Literal('not_enough_history')], {
  description: 'not_enough_history: nothing is forecast, the estimates are null, and `explanation` says what is missing.',
})

/** What a period will have cost, and how that is known. */
const figures = {
  status: Status,
  spendToDate: Nullable(UsdNumber),
  spendToDateExact: Nullable(Type.String({ description: 'Exact decimal text. Null when no call of the period has a known price.' })),
  unpricedCalls: Type.Integer({
    description: 'Calls of the period without a known price: neither what is spent nor what is forecast holds them.',
  }),
  projectedSpend: Nullable(
    Type.Number({ description: 'US dollars of the whole period: what is spent, and the median of what may come. An estimate.' }),
  ),
  projectedMonthEndSpend: Nullable(Type.Number({ description: 'The same, where the period is a month.' })),
  interval80: Nullable(Interval),
  interval95: Nullable(Interval),
  breachProbability: Nullable(
    Type.Number({
      minimum: 0,
      maximum: 1,
      description:
        'The highest of the budgets that are on it: that any is passed is at least as likely. Null where there is none, or none can be told.',
    }),
  ),
  method: Nullable(Type.String({ description: 'smoothed, intermittent (spent now and then) or no_spend.' })),
  seasonality: Nullable(Type.Literal('weekly')),
  levelShift: Nullable(Type.String({ description: 'Local date since which it runs on another level.' })),
  explanation: Type.String({ description: 'How it was forecast, or why not, in words.' }),
  historyDays: Type.Integer({ description: 'Whole days since the first call that are known, a year and a bit at the most.' }),
  historyDaysNeeded: Nullable(Type.Integer({ description: 'What it takes; null where there is enough.' })),
}

const BudgetOutlook = Type.Object({
  budgetId: Type.String(),
  name: Nullable(Type.String()),
  dimension: Type.String(),
  value: Type.String(),
  period: Type.String({ description: 'month, day, rolling:24h, …' }),
  zone: Type.String(),
  mode: Type.String(),
  limitUsd: UsdNumber,
  limitUsdExact: UsdText,
  spentUsd: UsdNumber,
  spentUsdExact: UsdText,
  heldUsd: Type.String({ description: 'Held for calls that are being made now, and not in what is spent.' }),
  status: Type.Union([Type.Literal('forecast'), Type.Literal('passed'), Type.Literal('not_enough_history'), Type.Literal('too_short')], {
    description:
      'passed: more is spent than the limit, which is certain. too_short: a rolling window under two hours, which is not forecast.',
  }),
  breachProbability: Nullable(
    Type.Number({
      minimum: 0,
      maximum: 1,
      description: 'That more is spent than the limit by `until`, as if nothing were refused. 1 where it is passed.',
    }),
  ),
  projectedSpend: Nullable(Type.Number({ description: 'By the end of the period. Null of a rolling window, which has none.' })),
  interval80: Nullable(Interval),
  exhaustionDate: Nullable(
    Type.String({
      description:
        'Local day by which the limit is used up in half of all futures, an instant for periods of a day or less; null where that is not before `until`.',
    }),
  ),
  earliestExhaustionDate: Nullable(Type.String({ description: 'The same in a tenth of all futures: as early as must be reckoned with.' })),
  until: Type.String({
    description: 'The end of the period; of a rolling window its length from now; of a budget of all time at most 90 days.',
  }),
  explanation: Type.String(),
})

const DayOutlook = Type.Object({
  date: Type.String(),
  spentUsd: Nullable(Type.Number({ description: 'What the day has cost so far; null of a day to come.' })),
  medianUsd: Nullable(
    Type.Number({
      description: 'What may still come on the day; null of one that is over. The medians of days do not add up to that of their sum.',
    }),
  ),
  interval80: Nullable(Interval),
  interval95: Nullable(Interval),
})

export const CostForecast = Type.Object(
  {
    organizationId: Nullable(Type.String()),
    groupBy: Nullable(Type.String()),
    value: Nullable(Type.String()),
    period: Type.String(),
    zone: Type.String(),
    periodStart: Type.String({ description: 'RFC 3339.' }),
    periodEnd: Type.String({ description: 'RFC 3339; not in the period any more.' }),
    asOf: Type.String(),
    currency: Type.Literal('USD'),
    ...figures,
    budgets: Type.Array(BudgetOutlook, { description: 'Every active budget in question, the likeliest to be passed first.' }),
    budgetsLeftOut: Type.Integer({
      description: 'Budgets, or values of a budget on *, that are not listed: the ones with the least spent.',
    }),
    daily: Type.Array(DayOutlook, { description: 'The days of the period: those that are over, today, and those to come.' }),
    groups: Type.Array(Type.Object({ value: Nullable(Type.String({ description: 'Null: calls that do not say.' })), ...figures }), {
      description:
        'With groupBy and no value: each value by itself, the dearest first. What is forecast of them need not add up; what is spent does.',
    }),
    groupsLeftOut: Type.Boolean(),
  },
  { $id: 'CostForecast' },
)

export const CostForecastQuery = Type.Object(
  {
    groupBy: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 300,
        description: 'costCenter, project, team, or any other dimension: agent, model, tag:<name>, …',
      }),
    ),
    value: Type.Optional(Type.String({ minLength: 1, maxLength: 256, description: 'One value of it.' })),
    period: Type.Optional(
      Type.Union(
        (['day', 'week', 'month', 'quarter', 'year'] as const).map((name) => Type.Literal(name)),
        { description: 'The one that is running. month when left out.' },
      ),
    ),
    endDate: Type.Optional(
      Type.String({
        maxLength: 10,
        description: 'Forecast up to the end of this local date instead of the end of the period: 2026-12-31.',
      }),
    ),
    zone: Type.Optional(Type.String({ maxLength: 64, description: 'IANA zone of days and months. UTC when left out.' })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, description: 'At most so many groups; 20 when left out.' })),
    organizationId: Type.Optional(Id),
    organization_id: Type.Optional(Id),
  },
  { $id: 'CostForecastQuery', additionalProperties: false },
)

export type CostForecast = Static<typeof CostForecast>
export type CostForecastQuery = Static<typeof CostForecastQuery>

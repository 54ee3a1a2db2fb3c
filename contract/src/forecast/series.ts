import { type Static, Type } from '@sinclair/typebox'
import { Name, Nullable, UsdNumber, UsdText } from '../scalars.ts'

const AMOUNT_MAX = 999_999_999

/** A day's cost: credits make it negative. */
const Amount = Type.Union(
  [Type.Number({ minimum: -AMOUNT_MAX, maximum: AMOUNT_MAX }), Type.String({ pattern: '^-?\\d{1,9}(\\.\\d{1,18})?$' })],
  {
    description: 'US dollars: decimal text (exact) or a number. A credit is negative. What is not known is left out, and is then zero.',
  },
)
const Limit = Type.Union([Type.Number({ minimum: 0, maximum: AMOUNT_MAX }), Type.String({ pattern: '^\\d{1,9}(\\.\\d{1,18})?$' })], {
  description: 'US dollars: decimal text (exact) or a number.',
})
const Day = Type.String({ minLength: 10, maxLength: 10, description: 'A date: 2026-11-22.' })

const DatedCost = Type.Object(
  { date: Day, costUsd: Type.Optional(Amount), cost_usd: Type.Optional(Amount) },
  { additionalProperties: false, description: 'costUsd or cost_usd: one of them.' },
)
const LimitStated = Type.Object(
  { name: Type.Optional(Name), limitUsd: Type.Optional(Limit), limit_usd: Type.Optional(Limit) },
  { additionalProperties: false },
)

const AsOf = Type.String({
  minLength: 10,
  maxLength: 40,
  description:
    'A date: it is over, and all of it is in the series. A time: its day is under way, in UTC, and what it has spent so far is in the series. The last date of the series when left out, or yesterday for plain numbers.',
})
const HorizonDays = Type.Integer({ minimum: 1, maximum: 366, description: 'Days to forecast after asOf; else up to the end of its month.' })
const ElapsedShare = Type.Number({
  minimum: 0,
  maximum: 1,
  description:
    'How much of what the day of asOf usually spends it has spent by then. Only with a time; the part of the day that has passed when left out.',
})

export const ForecastSeriesInput = Type.Object(
  {
    series: Type.Array(Type.Union([DatedCost, Amount]), {
      maxItems: 3_660,
      description:
        'What each day has cost: with dates in any order, days without one being zero; or plain amounts of days in a row, up to asOf.',
    }),
    asOf: Type.Optional(AsOf),
    as_of: Type.Optional(AsOf),
    horizonDays: Type.Optional(HorizonDays),
    horizon_days: Type.Optional(HorizonDays),
    endDate: Type.Optional(Day),
    end_date: Type.Optional(Day),
    periodStart: Type.Optional(Day),
    period_start: Type.Optional(Day),
    elapsedShare: Type.Optional(ElapsedShare),
    elapsed_share: Type.Optional(ElapsedShare),
    budgetLimitUsd: Type.Optional(Limit),
    budget_limit_usd: Type.Optional(Limit),
    budgets: Type.Optional(Type.Array(LimitStated, { maxItems: 100 })),
  },
  {
    $id: 'ForecastSeriesInput',
    additionalProperties: false,
    description: 'Every field may be spelled in snake case as well; not in both.',
  },
)

const Interval = Type.Object({ low: UsdNumber, high: UsdNumber })
const probability = Nullable(Type.Number({ minimum: 0, maximum: 1 }))

export const ForecastSeries = Type.Object(
  {
    status: Type.Union([Type.Literal('forecast'), Type.Literal('not_enough_history')]),
    asOf: Type.String({ description: 'As it was understood.' }),
    periodStart: Day,
    endDate: Type.String({ description: 'The last day that is forecast.' }),
    spendToDate: UsdNumber,
    spendToDateExact: UsdText,
    projectedMonthEndSpend: Nullable(
      Type.Number({ description: 'From periodStart to endDate: what is spent, and the median of what may come. An estimate.' }),
    ),
    interval80: Nullable(Interval),
    interval95: Nullable(Interval),
    breachProbability: Nullable(
      Type.Number({ minimum: 0, maximum: 1, description: 'That any of the limits is passed. Null without one, or without a forecast.' }),
    ),
    budgets: Type.Array(
      Type.Object({
        name: Nullable(Type.String()),
        limitUsd: UsdNumber,
        breachProbability: probability,
        isPassed: Type.Boolean(),
        exhaustionDate: Nullable(
          Type.String({ description: 'By which half of all futures have used it up; null where fewer do in time.' }),
        ),
        earliestExhaustionDate: Nullable(Type.String({ description: 'By which a tenth of them have.' })),
      }),
    ),
    method: Nullable(Type.String()),
    seasonality: Nullable(Type.Literal('weekly')),
    levelShift: Nullable(Type.String()),
    explanation: Type.String(),
    historyDays: Type.Integer(),
    historyDaysNeeded: Nullable(Type.Integer()),
    daysFilled: Type.Integer({ description: 'Days between the first and the last that were not given, and count as zero.' }),
    daily: Type.Array(Type.Object({ date: Type.String(), medianUsd: Type.Number(), interval80: Interval, interval95: Interval }), {
      description: 'The days to come; of a day under way what is left of it.',
    }),
  },
  { $id: 'ForecastSeries' },
)

export type ForecastSeriesInput = Static<typeof ForecastSeriesInput>
export type ForecastSeries = Static<typeof ForecastSeries>

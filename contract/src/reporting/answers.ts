import { type Static, Type } from '@sinclair/typebox'
import { Id, Nullable, Time, UsdNumber, UsdText } from '../scalars.ts'
import type { DailyCustomer } from './register.ts'

const Period = Type.Union([Type.Literal('7d'), Type.Literal('30d'), Type.Literal('90d')], {
  description: '7d, 30d or 90d: so many days up to and including today, in the zone of the registration. Default: 30d.',
})

export const DailyQuery = Type.Object(
  { period: Type.Optional(Period), organization_id: Type.Optional(Nullable(Id)) },
  { $id: 'DailyQuery', additionalProperties: false },
)

export const DailyAlertsQuery = Type.Object(
  { organization_id: Type.Optional(Nullable(Id)) },
  { $id: 'DailyAlertsQuery', additionalProperties: false },
)

const UsdOrUnknown = Nullable(UsdNumber)
const TextOrUnknown = Nullable(UsdText)
const CountOrUnknown = Nullable(Type.Integer())

export const DailyAlert = Type.Object(
  {
    id: Type.String({ description: 'The same as long as it is about the same thing.' }),
    alert_type: Type.String({ description: 'budget_warning, budget_exhausted, report_missing, or a kind of anomaly.' }),
    severity: Type.Union([Type.Literal('low'), Type.Literal('medium'), Type.Literal('high'), Type.Literal('critical')]),
    title: Type.String(),
    message: Type.String(),
    created_at: Time,
    data: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()])),
  },
  { $id: 'DailyAlert' },
)

/** One measured part of the score. */
const ScorePart = Type.Object({
  part: Type.String(),
  value: Nullable(Type.Number({ description: '0 to 1. Null: not known, and then it has no say.' })),
  meaning: Type.String(),
  weight: Type.Number({ description: 'Points that it could cost.' }),
  points_lost: Type.Number(),
  why: Type.String(),
})

export const DailyScore = Type.Object(
  {
    date: Nullable(Type.String()),
    score: Nullable(Type.Number({ description: '0 to 100: the measured one, else the self-assessed one. Null when there is neither.' })),
    basis: Nullable(Type.Union([Type.Literal('measured'), Type.Literal('self_assessed')])),
    measured: Nullable(Type.Number({ description: 'From the calls of the day.' })),
    self_assessed: Nullable(Type.Number({ description: 'What reports of the day say of themselves.' })),
    measured_share: Nullable(Type.Number({ description: 'Of the requests of the day, those that the measured score is about: 0 to 1.' })),
    parts: Type.Array(ScorePart, { description: 'What the measured score is made of.' }),
    explanation: Type.String(),
  },
  { $id: 'DailyScore' },
)

export const DailyScores = Type.Object(
  {
    current: Type.Ref('DailyScore', { description: 'Of the latest day that has one.' }),
    trend: Type.Array(Type.Ref('DailyScore'), { description: 'Days that have a score, oldest first.' }),
  },
  { $id: 'DailyScores' },
)

const Recommendation = Type.Object({
  id: Type.String(),
  type: Type.String(),
  priority: Type.String(),
  recommendation: Type.String(),
  assumption: Type.String(),
  potential_savings: UsdOrUnknown,
  potential_savings_exact: TextOrUnknown,
  basis: Type.Union([Type.Literal('calls'), Type.Literal('reports')], { description: 'What it was computed from.' }),
})

const Figures = Type.Object({ cost: TextOrUnknown, tokens: CountOrUnknown, requests: CountOrUnknown })

/** What every sum of days says of where it comes from. */
const compared = {
  measured: Type.Union([Figures, Type.Null()], { description: 'From calls. Null when there were none.' }),
  reported: Type.Union([Figures, Type.Null()], { description: 'As reports say. Null when there is none.' }),
  reported_only: Type.Object(
    { cost: UsdText, tokens: Type.Integer(), requests: Type.Integer() },
    { description: 'The part of reports that calls do not account for; the total is what calls measured and this.' },
  ),
  unpriced_calls: Type.Integer(),
  unmetered_calls: Type.Integer(),
}

export const DailyDashboard = Type.Object(
  {
    customer: Type.Ref('DailyCustomer'),
    summary: Type.Object({
      total_cost: UsdOrUnknown,
      total_cost_exact: TextOrUnknown,
      total_tokens: CountOrUnknown,
      total_requests: Type.Integer(),
      avg_efficiency: Nullable(Type.Number({ description: 'The mean of the days that have a score.' })),
      report_count: Type.Integer({ description: 'Reports of the period.' }),
      period_start: Type.String(),
      period_end: Type.String(),
      ...compared,
      days_without_data: Type.Integer({ description: 'Days of which neither a report nor calls say anything.' }),
    }),
    efficiency: Type.Ref('DailyScore'),
    alerts: Type.Array(Type.Ref('DailyAlert')),
    recommendations: Type.Array(Recommendation, { description: 'The largest saving first.' }),
  },
  { $id: 'DailyDashboard' },
)

const Lines = Type.Record(Type.String(), UsdOrUnknown)
const ExactLines = Type.Record(Type.String(), TextOrUnknown)
const Rest = Type.Object(
  {
    unattributed: Type.String({ description: 'Of calls that say none.' }),
    reported_only: Type.String({
      description: 'Of reports beyond the calls, where no line of them names it. Below zero where lines were rounded up.',
    }),
    others: Type.String({ description: 'Of names for which there was no room.' }),
  },
  { description: 'The lines and these three are the total of the day, exactly.' },
)

export const DailyTrends = Type.Object(
  {
    period: Type.Object({
      start: Type.String(),
      end: Type.String(),
      days: Type.Integer(),
      zone: Type.String(),
      days_without_data: Type.Array(Type.String(), {
        description: 'Not listed below: neither a report nor calls say anything, and nobody knows that nothing was spent.',
      }),
    }),
    data: Type.Array(
      Type.Object({
        date: Type.String(),
        total_cost: UsdOrUnknown,
        total_cost_exact: TextOrUnknown,
        total_tokens: CountOrUnknown,
        total_requests: Type.Integer(),
        cost_by_model: Lines,
        cost_by_model_exact: ExactLines,
        cost_by_model_rest: Rest,
        cost_by_action: Lines,
        cost_by_action_exact: ExactLines,
        cost_by_action_rest: Rest,
        waste_categories: Type.Record(Type.String(), UsdOrUnknown, {
          description:
            'Of each category the larger of what calls show and what reports declare. They tell of the same money, so categories are no sum.',
        }),
        waste_categories_exact: ExactLines,
        waste_measured_exact: ExactLines,
        waste_reported_exact: ExactLines,
        source: Type.Union([Type.Literal('calls'), Type.Literal('report'), Type.Literal('both')], {
          description: 'What the total is made of. `calls` with zeros: the books know that there were none.',
        }),
        ...compared,
        variance: Type.Union([Figures, Type.Null()], { description: 'Reported less measured, where there are both.' }),
      }),
      { description: 'Oldest first.' },
    ),
  },
  { $id: 'DailyTrends' },
)

export const DailyAlerts = Type.Object(
  { alerts: Type.Array(Type.Ref('DailyAlert'), { description: 'What holds now, newest first.' }) },
  { $id: 'DailyAlerts' },
)

export type DailyPeriod = Static<typeof Period>
export type DailyAlert = Static<typeof DailyAlert>
export type DailyScore = Static<typeof DailyScore>
export type DailyScores = { current: DailyScore; trend: DailyScore[] }
export type DailyTrends = Static<typeof DailyTrends>
export type DailyAlerts = { alerts: DailyAlert[] }
export type DailyDashboard = Omit<Static<typeof DailyDashboard>, 'customer' | 'efficiency' | 'alerts'> & {
  customer: DailyCustomer
  efficiency: DailyScore
  alerts: DailyAlert[]
}

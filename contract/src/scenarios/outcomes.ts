import { type Static, Type } from '@sinclair/typebox'
import { Scope } from '../analytics.ts'
import { Nullable, UsdNumber, UsdText } from '../scalars.ts'

export const OutcomesQuery = Type.Object(
  {
    ...Scope,
    workflow: Type.Optional(
      Type.String({
        maxLength: 2048,
        description: 'With per=run the kind of run that is an outcome, with all runs below it; else a filter on calls.',
      }),
    ),
    per: Type.Optional(
      Type.Union([Type.Literal('run'), Type.Literal('task'), Type.Literal('user'), Type.Literal('session')], {
        description: 'What an outcome is: a run that succeeded (when left out), or a task, user or session with calls in the week.',
      }),
    ),
    by: Type.Optional(
      Type.String({ maxLength: 260, description: 'With per=task: the dimension whose values are tasks. tag:task when left out.' }),
    ),
    weeks: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 520, description: 'So many ISO weeks up to now, where no time is said. 8 when left out.' }),
    ),
    filter: Type.Optional(
      Type.String({
        maxLength: 4_096,
        description: 'Any dimensions: dimension=value, several values separated by commas, several dimensions by semicolons.',
      }),
    ),
  },
  { $id: 'OutcomesQuery', additionalProperties: false },
)

const cost = Nullable(UsdText)
const week = {
  week: Type.String({ description: 'ISO week, e.g. 2026-W47.' }),
  start: Type.String(),
  end: Type.String(),
  partial: Type.Boolean({ description: 'It has not ended, or the question begins or ends within it: not to be compared with full ones.' }),
  outcomes: Type.Integer(),
  attempts: Type.Integer({ description: 'With per=run all runs that began in the week; else the outcomes.' }),
  failed: Type.Integer(),
  running: Type.Integer({ description: 'Runs of which no end is known.' }),
  calls: Type.Integer(),
  unpriced_calls: Type.Integer(),
  cost: Type.String({ description: 'Of all attempts, failed ones included.' }),
  cost_per_outcome_usd: Nullable(UsdNumber),
  cost_per_outcome: Type.Union([UsdText, Type.Null()], {
    description: 'All cost over the outcomes. Null without an outcome, or where no cost is known.',
  }),
  cost_per_attempt: Type.Union([UsdText, Type.Null()], { description: 'The plain average beside it.' }),
}

const amount = Type.String({ description: 'US dollars an outcome.' })
const Comparison = Type.Object({
  status: Type.String({ description: 'compared, or not_enough.' }),
  reason: Nullable(Type.String()),
  weeks: Type.Integer(),
  outcomes: Type.Integer(),
  cost_per_outcome: cost,
  change: Nullable(Type.String()),
  change_percent: Nullable(Type.Number({ description: 'A ratio for reading. Null where nothing was spent before.' })),
  levers: Nullable(
    Type.Object(
      {
        failure_share: amount,
        calls_per_outcome: amount,
        model_mix: amount,
        input_per_call: amount,
        output_per_call: amount,
        cache_share: amount,
        unit_price: amount,
      },
      { description: 'What each has added to the change. They add up to it exactly; how it is divided among them is a model.' },
    ),
  ),
})

export const OutcomesAnswer = Type.Object(
  {
    per: Type.String(),
    by: Nullable(Type.String()),
    zone: Type.String(),
    counted: Type.String({ description: 'What is an outcome here, and what its cost holds.' }),
    weeks: Type.Array(Type.Object(week)),
    total: Type.Object({
      outcomes: Type.Integer(),
      attempts: Type.Integer(),
      calls: Type.Integer(),
      unpriced_calls: Type.Integer(),
      cost: UsdText,
    }),
    outside: Type.Object(
      { calls: Type.Integer(), unpriced_calls: Type.Integer(), cost: Type.String() },
      { description: 'Calls of the time that are part of no outcome or attempt that is counted.' },
    ),
    trend: Nullable(
      Type.Object(
        { ...week, previous_week: Comparison, last_four_weeks: Comparison },
        {
          description:
            'The last full week, compared with the one before it and with the four before it together. Null without a full week.',
        },
      ),
    ),
  },
  { $id: 'OutcomesAnswer' },
)

export type OutcomesQuery = Static<typeof OutcomesQuery>
export type OutcomesAnswer = Static<typeof OutcomesAnswer>

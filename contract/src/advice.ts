import { type Static, Type } from '@sinclair/typebox'
import { Id, Nullable, Time, UsdText } from './scalars.ts'

const AdviceState = Type.Union([Type.Literal('open'), Type.Literal('accepted'), Type.Literal('dismissed'), Type.Literal('done')], {
  description:
    'open: not decided; accepted: will be done; dismissed: not shown and in no total any more; done: since then its saving is measured.',
})

export const DecideAdvice = Type.Object(
  {
    opportunity_id: Type.String({ minLength: 1, maxLength: 600 }),
    state: AdviceState,
    note: Type.Optional(Nullable(Type.String({ maxLength: 1_000 }))),
    organization_id: Type.Optional(Nullable(Id)),
  },
  { $id: 'DecideAdvice', additionalProperties: false },
)

const window = Type.Object({
  from: Time,
  to: Time,
  calls: Type.Integer(),
  cost_usd: Type.String({ description: 'What is measured: the cost, or what of it was wasted. Exact.' }),
  per_call_usd: Nullable(UsdText),
})

export const Advice = Type.Object(
  {
    opportunity_id: Type.String(),
    organization_id: Type.String(),
    type: Type.String(),
    subject: Nullable(Type.String()),
    state: AdviceState,
    note: Nullable(Type.String()),
    decided_at: Time,
    decided_by: Type.String(),
    done_at: Nullable(Time),
    claimed: Type.Object(
      {
        saving_usd: Nullable(UsdText),
        low_usd: Nullable(UsdText),
        high_usd: Nullable(UsdText),
        recommendation: Type.String(),
        as_of: Time,
      },
      { description: 'What was promised for the last 30 days when it was first decided on.' },
    ),
    realised: Nullable(
      Type.Object(
        {
          measure: Type.String({ description: 'What is compared before and after.' }),
          saving_usd: Nullable(
            Type.String({
              description:
                'What the calls since then would have cost at the cost per call of before, less what they cost. Below zero: it costs more now.',
            }),
          ),
          before: window,
          after: window,
          reason: Nullable(Type.String({ description: 'Why there is no saving to tell yet.' })),
        },
        { description: 'Measured since it was done; null before that.' },
      ),
    ),
  },
  { $id: 'Advice' },
)

export const AdviceQuery = Type.Object(
  { state: Type.Optional(AdviceState), organization_id: Type.Optional(Id) },
  { $id: 'AdviceQuery', additionalProperties: false },
)
export const AdviceList = Type.Object(
  {
    advice: Type.Array(Type.Ref('Advice'), { description: 'All that was decided on, the latest decision first.' }),
    realised_usd: Nullable(Type.String({ description: 'Of all that is done, as far as it can be told; null when of none it can.' })),
  },
  { $id: 'AdviceList' },
)

export type Advice = Static<typeof Advice>

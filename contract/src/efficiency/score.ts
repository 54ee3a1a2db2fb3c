import { type Static, Type } from '@sinclair/typebox'
import { UsdNumber, UsdText } from '../scalars.ts'
import { amount, period, ratio } from './answer-parts.ts'

const score = Type.Union([Type.Number(), Type.Null()], { description: '0 to 100; null when no part of it is known.' })

const parts = Type.Array(
  Type.Object({
    part: Type.Union([Type.Literal('waste'), Type.Literal('cache'), Type.Literal('failures')]),
    value: ratio,
    meaning: Type.String(),
    weight: Type.Number({ description: 'Points that it could cost.' }),
    points_lost: Type.Number(),
    why: Type.String(),
  }),
)

export const EfficiencyAnswer = Type.Object(
  {
    period,
    score,
    parts,
    total_calls: Type.Integer(),
    unpriced_calls: Type.Integer(),
    ...amount('total_cost', 'all known costs of the period.'),
    ...amount('wasted', 'by the rules that count whole calls; cold starts count in the part of caches.'),
    trend: Type.Array(
      Type.Object({
        date: Type.String(),
        score,
        calls: Type.Integer(),
        waste: Type.Record(Type.String(), UsdNumber, { description: 'Wasted US dollars by category.' }),
        waste_exact: Type.Record(Type.String(), UsdText),
        parts,
      }),
    ),
    self_assessed: Type.Union([Type.Object({ score: Type.Number(), date: Type.String() }), Type.Null()], {
      description: 'What a daily report says of itself: beside the score, never in its place.',
    }),
  },
  { $id: 'EfficiencyAnswer' },
)

export type EfficiencyAnswer = Static<typeof EfficiencyAnswer>

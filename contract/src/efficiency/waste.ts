import { type Static, Type } from '@sinclair/typebox'
import { Nullable } from '../scalars.ts'
import { amount, callIds, missing, period, ratio } from './answer-parts.ts'

export const WasteAnswer = Type.Object(
  {
    period,
    total_calls: Type.Integer(),
    unpriced_calls: Type.Integer(),
    ...amount('total_cost', 'all known costs of the period.'),
    ...amount('wasted', 'the sum of the categories; each call is in one of them.'),
    share_of_cost: ratio,
    categories: Type.Array(
      Type.Object({
        category: Type.String({
          description: 'retries, failed, duplicate, cold_start, unused_context, hallucination_recovery, or any other that callers declare.',
        }),
        calls: Type.Integer(),
        unpriced_calls: Type.Integer({ description: 'Calls that the amount does not cover.' }),
        ...amount('cost', 'what these calls have cost; of cold starts what the cache has cost.'),
        share_of_cost: ratio,
        found: Type.Array(
          Type.Object({
            how: Type.Union([Type.Literal('declared'), Type.Literal('detected')]),
            rule: Type.String(),
            calls: Type.Integer(),
            unpriced_calls: Type.Integer(),
            ...amount('cost', 'found in this way.'),
            examined_calls: Nullable(Type.Integer({ description: 'Calls that were looked at, where it was not all of them.' })),
            call_ids: callIds,
          }),
        ),
      }),
    ),
    declared_only: Type.Array(Type.Object({ category: Type.String(), why: Type.String() }), {
      description: 'Categories that nobody can detect, and that no caller has declared here.',
    }),
    missing,
  },
  { $id: 'WasteAnswer' },
)

export type WasteAnswer = Static<typeof WasteAnswer>

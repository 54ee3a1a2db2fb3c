import { type Static, Type } from '@sinclair/typebox'
import { Nullable, UsdText } from '../scalars.ts'

const quantity = Nullable(Type.String({ description: 'In units of the meter, as text; null where it is not known.' }))
const status = Type.Union([Type.Literal('matched'), Type.Literal('drift'), Type.Literal('ours_only'), Type.Literal('theirs_only')])
const said = { code: Type.String(), detail: Type.String() }

const line = Type.Object(
  {
    day: Type.String({ description: 'Of UTC, e.g. 2026-11-20.' }),
    model: Nullable(Type.String({ description: 'By the name of the catalog; null where the line is about no single model.' })),
    meter: Nullable(
      Type.String({ description: 'What both sides can be compared by; null for a whole day, or a line that is not understood.' }),
    ),
    status,
    within_tolerance: Type.Boolean(),
    ours: Nullable(
      Type.Object({
        cost_usd: Nullable(UsdText),
        quantity,
        calls: Type.Integer(),
        call_ids: Type.Array(Type.String(), { description: 'The first of them.' }),
        unpriced_calls: Type.Integer({ description: 'Calls that the cost does not hold, or not all of.' }),
      }),
    ),
    theirs: Nullable(
      Type.Object({
        cost_usd: Nullable(UsdText),
        quantity,
        requests: Nullable(Type.Integer()),
        line_items: Type.Array(Type.String(), { description: 'As the provider names them.' }),
      }),
    ),
    difference_usd: Nullable(UsdText),
    reasons: Type.Array(Type.Object({ ...said, call_ids: Type.Optional(Type.Array(Type.String())) }), {
      description: 'What probably is behind the difference, the most telling first.',
    }),
  },
  { description: 'One day, model and meter.' },
)

export const ReconcileAnswer = Type.Object(
  {
    provider: Type.String(),
    compared: Type.Union([Type.Literal('amounts'), Type.Literal('quantities')]),
    covered: Type.Array(Type.Object({ from: Type.String(), to: Type.String() }), {
      description: 'The time the report speaks of, and only that is compared.',
    }),
    tolerance_usd: UsdText,
    reconciled: Type.Boolean({ description: 'Every line is within the tolerance, and no page is missing.' }),
    totals: Type.Object({
      ours_usd: UsdText,
      theirs_usd: Nullable(UsdText),
      difference_usd: Nullable(UsdText),
      ours_unknown_lines: Type.Integer({ description: 'Lines with calls of ours whose price is not known.' }),
      theirs_unknown_lines: Type.Integer({ description: 'Lines of theirs in a currency without a rate.' }),
      matched: Type.Integer(),
      drift: Type.Integer(),
      ours_only: Type.Integer(),
      theirs_only: Type.Integer(),
      within_tolerance: Type.Integer({ description: 'Lines that are not matched, for less than the tolerance.' }),
    }),
    remarks: Type.Array(Type.Object(said)),
    lines: Type.Array(line),
    unlisted: Type.Integer({ description: 'Lines past the limit. Totals hold them.' }),
  },
  { $id: 'ReconcileAnswer' },
)
export type ReconcileAnswer = Static<typeof ReconcileAnswer>

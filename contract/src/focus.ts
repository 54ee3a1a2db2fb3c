import { type Static, Type } from '@sinclair/typebox'
import { Scope } from './analytics.ts'
import { Nullable, UsdText } from './scalars.ts'

const { zone: _zone, ...scope } = Scope

const shape = {
  ...scope,
  version: Type.Optional(
    Type.Union([Type.Literal('1.4'), Type.Literal('1.2'), Type.Literal('1.5-draft')], {
      description:
        'Of FOCUS. Default 1.4; 1.2 for readers that are older; 1.5-draft names the properties of tokens as the working draft does.',
    }),
  ),
  granularity: Type.Optional(
    Type.Union([Type.Literal('day'), Type.Literal('hour'), Type.Literal('call')], {
      description: 'The charge period of a row, in UTC. Default day; call is a row for each call and meter, in the hour that holds it.',
    }),
  ),
  sub_account: Type.Optional(
    Type.Union([Type.Literal('team'), Type.Literal('project')], { description: 'What a sub account is. Default team.' }),
  ),
}

export const FocusQuery = Type.Object(
  { ...shape, format: Type.Optional(Type.Union([Type.Literal('json'), Type.Literal('csv'), Type.Literal('parquet')])) },
  { $id: 'FocusQuery', additionalProperties: false },
)
export const FocusConformanceQuery = Type.Object(
  { ...shape, format: Type.Optional(Type.Union([Type.Literal('json'), Type.Literal('text')])) },
  { $id: 'FocusConformanceQuery', additionalProperties: false },
)

const version = Type.String({ description: 'Of FOCUS.' })
const period = Type.Object({ from: Nullable(Type.String()), to: Nullable(Type.String()) })

const leftOut = Type.Object(
  {
    unpriced_calls: Type.Integer({ description: 'Calls of which no price is known: none of their usage is in a row.' }),
    partial_calls: Type.Integer({ description: 'Calls whose price is known in part: the rest of their usage is in no row.' }),
    usage: Type.Array(
      Type.Object({
        seller: Type.String(),
        model: Type.String(),
        meter: Nullable(Type.String()),
        reason: Type.String({ description: 'no_card, no_rate, quantity_missing or no_usage.' }),
        calls: Type.Integer(),
        quantity: Nullable(Type.String({ description: 'In units of the meter; null where not even that is known.' })),
      }),
    ),
    unlisted: Type.Integer({ description: 'How often usage of further kinds was left out that is not listed.' }),
  },
  { description: 'What no row stands for: FOCUS has no cost that is not known, and a cost of 0 would be wrong.' },
)

const totals = Type.Object(
  {
    billed_usd: UsdText,
    ledger_usd: UsdText,
    difference_usd: UsdText,
  },
  { description: 'The sum of BilledCost, what the ledger has for the same calls, and their difference: 0.' },
)

export const FocusAnswer = Type.Object(
  {
    version,
    granularity: Type.String(),
    columns: Type.Array(Type.String()),
    rows: Type.Array(Type.Array(Nullable(Type.String())), {
      description: 'Cells in the order of the columns. Decimals are text, so that they stay exact.',
    }),
    calls: Type.Integer(),
    totals,
    left_out: leftOut,
  },
  { $id: 'FocusAnswer' },
)

export const FocusConformanceAnswer = Type.Object(
  {
    version,
    granularity: Type.String(),
    period,
    conformant: Type.Boolean({ description: 'No rule that must hold is broken.' }),
    rows: Type.Integer(),
    calls: Type.Integer(),
    rules: Type.Object({ checked: Type.Integer(), passed: Type.Integer(), failed: Type.Integer(), not_applicable: Type.Integer() }),
    failed: Type.Array(
      Type.Object({
        rule: Type.String(),
        text: Type.String(),
        severity: Type.String(),
        count: Type.Integer({ description: 'Rows that break it.' }),
        rows: Type.Array(Type.Integer(), { description: 'Numbers of the first of them.' }),
        names: Type.Array(Type.String()),
      }),
    ),
    not_applicable: Type.Array(Type.Object({ rule: Type.String(), reason: Type.String() })),
    columns: Type.Object({
      present: Type.Array(Type.String()),
      missing: Type.Array(Type.Object({ name: Type.String(), level: Type.String(), reason: Type.String() })),
      custom: Type.Array(Type.String()),
    }),
    totals,
    calls_by_confidence: Type.Record(Type.String(), Type.Integer()),
    rounded_unit_prices: Type.Integer({
      description: 'Rows whose unit price does not end as a decimal; the product that is written is still exact.',
    }),
    left_out: leftOut,
  },
  { $id: 'FocusConformanceAnswer' },
)

export type FocusQuery = Static<typeof FocusQuery>
export type FocusConformanceQuery = Static<typeof FocusConformanceQuery>
export type FocusAnswer = Static<typeof FocusAnswer>
export type FocusConformanceAnswer = Static<typeof FocusConformanceAnswer>

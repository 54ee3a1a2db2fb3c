import { type Static, Type } from '@sinclair/typebox'
import { Id, Nullable, UsdNumber, UsdText } from '../scalars.ts'

export const CostReportQuery = Type.Object(
  {
    groupBy: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 300,
        description: 'costCenter (also when left out), project, team, or any other dimension: agent, model, user, workflow, tag:<name>, …',
      }),
    ),
    format: Type.Optional(Type.Union([Type.Literal('json'), Type.Literal('csv')])),
    period: Type.Optional(
      Type.String({ maxLength: 32, description: 'month (also when nothing is said), quarter, year, 7d, 30d, …, or all for all time.' }),
    ),
    from: Type.Optional(Type.String({ maxLength: 40, description: 'RFC 3339 time or date, inclusive.' })),
    to: Type.Optional(Type.String({ maxLength: 40, description: 'RFC 3339 time or date, exclusive.' })),
    zone: Type.Optional(Type.String({ maxLength: 64, description: 'IANA zone in which months begin. UTC when left out.' })),
    limit: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 100_000, description: 'At most so many rows; 10,000 when left out. CSV has all.' }),
    ),
    organizationId: Type.Optional(Id),
  },
  { $id: 'CostReportQuery', additionalProperties: false },
)

const cost = {
  costUsd: Nullable(UsdNumber),
  costUsdExact: Nullable(UsdText),
}

/** What a line is made of. */
const sums = {
  traces: Type.Integer(),
  tokens: Nullable(Type.Integer()),
  ...cost,
  directCostUsd: Nullable(UsdText),
  sharedCostUsd: Type.String({ description: 'Its part of costs that rules share, exact.' }),
  unpricedTraces: Type.Integer({ description: 'Of all, how many no price is known of: the cost does not hold them.' }),
}

export const CostReport = Type.Object(
  {
    groupBy: Type.String(),
    organizationId: Nullable(Type.String()),
    from: Nullable(Type.String()),
    to: Nullable(Type.String()),
    currency: Type.Literal('USD'),
    rows: Type.Array(
      Type.Object({
        value: Type.String(),
        ...sums,
        sharePercent: Nullable(Type.Number({ description: 'Of the total cost; null where either is not known.' })),
      }),
      { description: 'The dearest first. Rows, unattributed and what `limit` left out add up to the total exactly.' },
    ),
    unattributed: Type.Object(sums, { description: 'What nobody is charged: traces that do not say, and what rules leave over.' }),
    others: Nullable(Type.Object({ values: Type.Integer(), ...cost })),
    shared: Type.Array(
      Type.Object({
        ruleId: Type.String(),
        name: Nullable(Type.String()),
        traces: Type.Integer(),
        costUsd: Nullable(Type.String({ description: 'Null when no price of any of its calls is known.' })),
        unpricedTraces: Type.Integer(),
        parts: Type.Array(Type.Object({ value: Type.String(), costUsd: UsdText })),
        restUsd: UsdText,
        reason: Nullable(Type.String()),
      }),
      { description: 'What each rule shared, and among whom.' },
    ),
    total: Type.Object({ traces: Type.Integer(), tokens: Nullable(Type.Integer()), ...cost, unpricedTraces: Type.Integer() }),
  },
  { $id: 'CostReport' },
)

export type CostReport = Static<typeof CostReport>

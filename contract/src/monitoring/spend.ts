import { type Static, Type } from '@sinclair/typebox'
import { Nullable } from '../scalars.ts'
import { Span, Spent, Trailing } from './parts.ts'

const limit = Type.Optional(
  Type.Integer({ minimum: 1, maximum: 1_000, description: 'Lines that are listed; the rest is one line, `others`. Default 100.' }),
)

const Day = Type.Object({ date: Type.String({ description: 'The local day, `2026-11-22`.' }), ...Spent })
const who = { organizationId: Nullable(Type.String()), agentId: Nullable(Type.String({ description: 'Null: the calls name no agent.' })) }

export const TrendsQuery = Type.Object({ ...Trailing, limit }, { $id: 'TrendsQuery', additionalProperties: false })
export const TrendsAnswer = Type.Object(
  {
    ...Span,
    ...Spent,
    daily: Type.Array(Day, { description: 'Every day, oldest first; days without calls are there with zeros.' }),
    series: Type.Array(Type.Object({ ...who, ...Spent, daily: Type.Array(Day) }), {
      description: 'By organization and agent, dearest first. With `others` they add up to `daily`.',
    }),
    others: Nullable(Type.Object({ ...Spent, daily: Type.Array(Day) })),
  },
  { $id: 'TrendsAnswer' },
)

export const AllocationsQuery = Type.Object({ ...Trailing, limit }, { $id: 'AllocationsQuery', additionalProperties: false })
const share = {
  sharePercent: Nullable(
    Type.Number({ description: 'Of the total, to two decimals; all shares of an answer add up to 100. Null where nothing was spent.' }),
  ),
}
const Rest = Type.Object({ ...Spent, ...share })
const rest = {
  unattributed: Type.Object({ ...Spent, ...share }, { description: 'Calls that name no agent, or of which no model is known.' }),
  others: Nullable(Rest),
}
export const AllocationsAnswer = Type.Object(
  { ...Span, ...Spent, allocations: Type.Array(Type.Object({ ...who, ...Spent, ...share })), ...rest },
  { $id: 'AllocationsAnswer' },
)
export const ModelAllocationsAnswer = Type.Object(
  { ...Span, ...Spent, allocations: Type.Array(Type.Object({ modelId: Type.String(), ...Spent, ...share })), ...rest },
  { $id: 'ModelAllocationsAnswer' },
)

export type TrendsAnswer = Static<typeof TrendsAnswer>
export type AllocationsAnswer = Static<typeof AllocationsAnswer>
export type ModelAllocationsAnswer = Static<typeof ModelAllocationsAnswer>

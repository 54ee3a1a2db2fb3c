import { Type } from '@sinclair/typebox'
import { Id, Nullable, UsdNumber, UsdText } from '../scalars.ts'

export const TRAILING_DAYS_DEFAULT = 7
const TRAILING_DAYS_MAX = 90

/** The part of time and of the fleet that a question of this family is about. */
export const Trailing = {
  days: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: TRAILING_DAYS_MAX,
      default: TRAILING_DAYS_DEFAULT,
      description: 'Local days back from now, today among them.',
    }),
  ),
  zone: Type.Optional(Type.String({ maxLength: 64, description: 'IANA zone of the days. Default UTC.' })),
  organizationId: Type.Optional(Id),
}
/** What was spent: a number for display and the exact text, both null where there are calls and the price of none of them is known. */
export const Spent = {
  costUsd: Nullable(UsdNumber),
  costUsdExact: Nullable(UsdText),
  calls: Type.Integer(),
  unpricedCalls: Type.Integer({ description: 'Calls that the cost does not cover, because nothing is known of their price.' }),
}
/** The stretch of time that an answer is about. */
export const Span = {
  days: Type.Integer(),
  zone: Type.String(),
  from: Type.String(),
  to: Type.String(),
}

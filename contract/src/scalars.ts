import { type Static, type TNull, type TSchema, type TUnion, Type } from '@sinclair/typebox'

/** An id given by a client: any printable text, compared byte for byte. */
export const Id = Type.String({
  minLength: 1,
  maxLength: 256,
  pattern: '^[^\\u0000-\\u001f\\u007f]+$',
  description: 'Any printable text of at most 256 characters.',
})

/** A name a person reads: of an agent, a workflow, a team, a model. */
export const Name = Type.String({
  minLength: 1,
  maxLength: 256,
  pattern: '^[^\\u0000-\\u001f\\u007f]+$',
  description: 'Any printable text of at most 256 characters.',
})

/** RFC 3339 time; without an offset it is read as UTC. */
export const Time = Type.String({
  minLength: 10,
  maxLength: 40,
  description: 'RFC 3339, e.g. 2026-11-22T10:00:00Z. Without an offset: UTC.',
})

/** A count of tokens, searches or seconds. */
export const Quantity = Type.Integer({ minimum: 0, maximum: 1_000_000_000_000 })

/** Recognises a request that comes again, without its text. */
export const PromptFingerprint = Type.String({
  minLength: 8,
  maxLength: 128,
  pattern: '^[A-Za-z0-9_:+/=.-]+$',
  description: 'Equal for equal requests. Make it with a key of your own, never send the text.',
})

/** An amount of US dollars as exact decimal text. */
export const UsdText = Type.String({
  pattern: '^-?\\d{1,18}(\\.\\d{1,12})?$',
  description: 'US dollars as decimal text with at most 12 decimals: exact.',
})

/** An amount of US dollars as a JSON number, where a documented answer has a number. At most 12 decimals; for exact sums use the text twin. */
export const UsdNumber = Type.Number({ description: 'US dollars as a JSON number with at most 12 decimals.' })

/** A price or cost that a client states: text, or a number whose shortest text is taken. */
export const UsdInput = Type.Union(
  [Type.String({ pattern: '^\\d{1,12}(\\.\\d{1,18})?$' }), Type.Number({ minimum: 0, maximum: 999_999 })],
  {
    description: 'US dollars: decimal text (exact) or a number.',
  },
)

export const Tags = Type.Record(Type.String({ pattern: '^[^\\u0000-\\u001f\\u007f]{1,256}$' }), Type.String({ maxLength: 256 }), {
  maxProperties: 64,
  additionalProperties: false,
  description: 'Any labels of your own: group and filter by `tag:<name>`.',
})

/** A field that may be left out or be null, with the same meaning: not said. */
export function Nullable<T extends TSchema>(schema: T): TUnion<[T, TNull]> {
  return Type.Union([schema, Type.Null()])
}

export type UsdInput = Static<typeof UsdInput>
export type Tags = Static<typeof Tags>

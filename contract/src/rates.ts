import { type Static, Type } from '@sinclair/typebox'
import { Id, Name, Nullable, Time } from './scalars.ts'

/** A price per quantity: decimal text (exact) or a number whose shortest text is taken. */
export const RatePrice = Type.Union(
  [Type.String({ pattern: '^\\d{1,12}(\\.\\d{1,18})?$' }), Type.Number({ minimum: 0, maximum: 999_999_999 })],
  {
    description: 'Decimal text (exact) or a number.',
  },
)
const Seller = Type.String({ minLength: 1, maxLength: 64, description: 'Who invoices: openai, anthropic, google, aws, azure, …' })
const Currency = Type.String({ pattern: '^[A-Z]{3}$', description: 'ISO 4217 code.' })
const RateText = Type.String({ pattern: '^(0|[1-9]\\d*)(\\.\\d{1,18})?$' })

const rateSource = Type.Object({
  kind: Type.String(),
  ref: Type.String({ description: 'Where a reader can look it up.' }),
  licence: Type.Optional(Type.String()),
  checked_at: Type.String(),
  confidence: Type.String(),
})

/** What one seller charges for one model over a span of time. */
export const RateCardAnswer = Type.Object(
  {
    rate_card: Type.String({ description: 'Hash of the card; lines of a charge name it.' }),
    organization_id: Nullable(Type.String({ description: 'Set for rates of your own; null for public ones.' })),
    provider: Type.String(),
    model: Type.String(),
    currency: Type.String(),
    valid_from: Type.String(),
    valid_to: Nullable(Type.String()),
    recorded_at: Type.String(),
    retracted_at: Nullable(Type.String()),
    status: Type.String(),
    rates: Type.Array(
      Type.Object({
        meter: Type.String(),
        price: Type.String(),
        per: Type.Integer(),
        per_1k: Nullable(Type.String({ description: 'The same price for 1,000, where it is a finite decimal.' })),
        per_1m: Nullable(Type.String({ description: 'The same price for 1,000,000.' })),
        when: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
        quantize: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
        caveat: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
      }),
    ),
    modifiers: Type.Array(Type.Record(Type.String(), Type.Unknown())),
    source: rateSource,
  },
  { $id: 'RateCard' },
)

export const RatesQuery = Type.Object(
  {
    organization_id: Type.Optional(Id),
    model: Type.Optional(Type.String({ maxLength: 256, description: 'Models whose name contains this.' })),
    provider: Type.Optional(Seller),
    own: Type.Optional(Type.Boolean({ description: 'Only rates of your own.' })),
    at: Type.Optional(Time),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
  },
  { $id: 'RatesQuery', additionalProperties: false },
)
export const RatesAnswer = Type.Object(
  { rates: Type.Array(Type.Ref('RateCard')), total: Type.Integer(), truncated: Type.Boolean() },
  { $id: 'RatesAnswer' },
)
export const RateHistoryQuery = Type.Object(
  { organization_id: Type.Optional(Id), model: Name, provider: Type.Optional(Seller) },
  { $id: 'RateHistoryQuery', additionalProperties: false },
)
export const RateHistoryAnswer = Type.Object(
  { model: Type.String(), rates: Type.Array(Type.Ref('RateCard')) },
  { $id: 'RateHistoryAnswer', description: 'Every card of the model that was ever known, oldest first, with what replaced it.' },
)

/** The kinds of token a rate can be set for, in both spellings. */
export const TOKEN_RATES = ['input', 'output', 'cache_read', 'cache_write', 'cache_write_1h', 'reasoning'] as const
const OptionalPrice = Type.Optional(RatePrice)
const tokenRates = Object.fromEntries(
  TOKEN_RATES.flatMap((kind) => [`${kind}_per_1k`, `${kind}_per_1m`].map((name) => [name, OptionalPrice])),
) as Record<`${(typeof TOKEN_RATES)[number]}_per_${'1k' | '1m'}`, typeof OptionalPrice>

export const RateSet = Type.Object(
  {
    organization_id: Type.Optional(Nullable(Id)),
    model: Name,
    provider: Type.Optional(Nullable(Seller)),
    currency: Type.Optional(Currency),
    ...tokenRates,
    rates: Type.Optional(
      Type.Array(
        Type.Object(
          { meter: Type.String({ maxLength: 64 }), price: RatePrice, per: Type.Integer({ minimum: 1, maximum: 1_000_000_000_000 }) },
          { additionalProperties: false },
        ),
        { minItems: 1, maxItems: 64, description: 'Any meter, for what the named fields do not cover.' },
      ),
    ),
    valid_from: Type.Optional(Nullable(Time)),
    valid_to: Type.Optional(Nullable(Time)),
    reference: Type.Optional(Type.String({ maxLength: 256, description: 'Contract number or reason; shown beside every price.' })),
  },
  {
    $id: 'RateSet',
    additionalProperties: false,
    description:
      'Rates of your own for a model, per 1,000 or per 1,000,000 tokens. They outrank public tables and hold from the next call.',
  },
)
export const RateSetAnswer = Type.Object({ rate: Type.Ref('RateCard'), replaced: Type.Array(Type.String()) }, { $id: 'RateSetAnswer' })

export const RateRetract = Type.Object(
  {
    rate_card: Type.String({ pattern: '^[0-9a-f]{64}$', description: 'Hash of the card, as lists and lines of a charge name it.' }),
    reason: Type.Optional(Type.String({ minLength: 1, maxLength: 256, description: 'Kept in the audit.' })),
  },
  {
    $id: 'RateRetract',
    additionalProperties: false,
    description:
      'From now on the card is known to be wrong: it prices no call any more. Prices asked with an earlier known_at still use it, and posted calls keep theirs until they are priced again.',
  },
)
export const RateRetractAnswer = Type.Object({ rate: Type.Ref('RateCard') }, { $id: 'RateRetractAnswer' })

export const FxQuery = Type.Object({ currency: Type.Optional(Currency) }, { $id: 'FxQuery', additionalProperties: false })
const fxRate = { currency: Currency, usd_per_unit: Type.String(), as_of: Type.String(), source: Type.String() }
export const FxAnswer = Type.Object({ rates: Type.Array(Type.Object(fxRate)) }, { $id: 'FxAnswer' })
export const FxSet = Type.Object(
  {
    currency: Currency,
    usd_per_unit: Type.Union([RateText, Type.Number({ exclusiveMinimum: 0, maximum: 1_000_000 })]),
    as_of: Type.Optional(Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$', description: 'A UTC date. Default: today.' })),
    source: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
  },
  { $id: 'FxSet', additionalProperties: false, description: 'How many US dollars one unit of a currency buys, from a date on.' },
)
export const FxSetAnswer = Type.Object(fxRate, { $id: 'FxSetAnswer' })

/** The public price tables that can be read. */
export const FEEDS = ['genai-prices', 'litellm', 'models-dev'] as const

export const FeedImport = Type.Object(
  {
    feed: Type.Union(FEEDS.map((feed) => Type.Literal(feed))),
    text: Type.Optional(Type.String({ description: 'The table itself, as published.' })),
    url: Type.Optional(
      Type.String({ maxLength: 2_000, pattern: '^https?://', description: 'Where to fetch it. Default: where it is published.' }),
    ),
    reference: Type.Optional(Type.String({ minLength: 1, maxLength: 256, description: 'Version or commit, shown beside every price.' })),
    approve: Type.Optional(
      Type.Array(Name, { maxItems: 1_000, description: 'Models whose held rates a person has checked; they are published too.' }),
    ),
    dry_run: Type.Optional(Type.Boolean({ description: 'Say what would change, change nothing.' })),
  },
  {
    $id: 'FeedImport',
    additionalProperties: false,
    description:
      'Reads a public price table. What passes the publication gate holds from now on; the rest is held and listed with its reasons.',
  },
)
export const FeedImportAnswer = Type.Object(
  {
    feed: Type.String(),
    reference: Type.String(),
    cards: Type.Integer({ description: 'Rate cards in the table.' }),
    published: Type.Integer(),
    unchanged: Type.Integer(),
    retracted: Type.Integer({
      description: 'Cards that were retracted here and that the table still has. They stay retracted until it says something else.',
    }),
    unlisted: Type.Integer({ description: 'Models the table no longer has. Their rates are kept and marked.' }),
    held: Type.Array(Type.Object({ provider: Type.String(), model: Type.String(), reasons: Type.Array(Type.String()) })),
    unmapped: Type.Array(
      Type.Object({ provider: Type.String(), model: Type.String(), field: Type.String(), value: Type.String(), reason: Type.String() }),
      {
        description: 'Price-like fields that no meter takes: not used, and not hidden.',
      },
    ),
    dry_run: Type.Boolean(),
  },
  { $id: 'FeedImportAnswer' },
)

export type RateCardAnswer = Static<typeof RateCardAnswer>
export interface RateRetractAnswer {
  readonly rate: RateCardAnswer
}
export type FeedImportAnswer = Static<typeof FeedImportAnswer>

import { type Static, Type } from '@sinclair/typebox'
import { Id, Name, Nullable, Quantity, Time, UsdNumber, UsdText } from './scalars.ts'
import { ChargeStatus, consumption } from './tracking.ts'

/** A price per quantity: decimal text (exact) or a number whose shortest text is taken. */
const RatePrice = Type.Union([Type.String({ pattern: '^\\d{1,12}(\\.\\d{1,18})?$' }), Type.Number({ minimum: 0, maximum: 999_999_999 })], {
  description: 'Decimal text (exact) or a number.',
})
const Seller = Type.String({ minLength: 1, maxLength: 64, description: 'Who invoices: openai, anthropic, google, aws, azure, …' })
const Currency = Type.String({ pattern: '^[A-Z]{3}$', description: 'ISO 4217 code.' })
const RateText = Type.String({ pattern: '^(0|[1-9]\\d*)(\\.\\d{1,18})?$' })

const Note = Type.Object({ code: Type.String(), detail: Type.String() })

/** What was consumed, as read from the report or from the provider's own response. */
export const UsageExplained = Type.Object(
  {
    seller: Type.String(),
    model_requested: Nullable(Type.String()),
    model_served: Nullable(Type.String()),
    at: Type.String(),
    inferences: Type.Array(
      Type.Object({
        model: Type.String(),
        kind: Type.String(),
        meters: Type.Array(
          Type.Object({
            meter: Type.String(),
            quantity: Nullable(Type.Number({ description: 'Null where it is missing.' })),
            evidence: Type.String({ description: 'reported, derived, assumed or missing.' }),
          }),
        ),
      }),
      { description: 'Meters are disjoint: each billed token is in exactly one of them.' },
    ),
    context: Type.Record(Type.String(), Type.Unknown()),
    outcome: Type.Object({ ok: Type.Boolean(), code: Type.Optional(Type.String()), message: Type.Optional(Type.String()) }),
    notes: Type.Array(Note),
  },
  { $id: 'UsageExplained' },
)

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

/** The priced usage with all that explains it. */
export const ChargeExplained = Type.Object(
  {
    status: ChargeStatus,
    cost_usd: Nullable(UsdNumber),
    cost: Nullable(UsdText),
    lines: Type.Array(
      Type.Object({
        inference: Type.Integer(),
        model: Type.String(),
        meter: Type.String(),
        quantity: Type.Number(),
        price: Type.String(),
        per: Type.Integer(),
        currency: Type.String(),
        modifiers: Type.Array(Type.String()),
        amount: UsdText,
        rate_card: Type.String(),
        rate: Type.Integer({ description: 'Index of the rate in the card.' }),
      }),
      { description: 'quantity × price / per = amount, rounded once, half to even, at the twelfth decimal.' },
    ),
    unpriced: Type.Array(
      Type.Object({
        inference: Type.Integer(),
        model: Type.String(),
        meter: Type.String(),
        quantity: Nullable(Type.Number()),
        reason: Type.String(),
      }),
    ),
    alternatives: Type.Array(Type.Object({ when: Type.String(), cost: UsdText }), {
      description: 'Other amounts that the facts admit, and when each would be right.',
    }),
    attested: Nullable(
      Type.Object({
        cost: UsdText,
        by: Type.String(),
        computed: Nullable(UsdText),
        variance: Nullable(UsdText),
      }),
    ),
    fx: Nullable(Type.Object({ currency: Type.String(), usd_per_unit: Type.String(), as_of: Type.String(), source: Type.String() })),
    notes: Type.Array(Note),
    known_at: Type.String({ description: 'Rates are those known at this time.' }),
  },
  { $id: 'ChargeExplained' },
)

export const PriceRequest = Type.Object(
  {
    organization_id: Type.Optional(Nullable(Id)),
    model: Type.Optional(Nullable(Name)),
    ...consumption,
    response_text: Type.Optional(
      Type.String({ description: 'The raw text of a response: JSON, or a recorded stream of server-sent events.' }),
    ),
    response_base64: Type.Optional(Type.String({ description: 'The raw bytes of a response, e.g. an AWS event stream.' })),
    content_type: Type.Optional(Type.String({ maxLength: 200, description: 'Content type of the raw response.' })),
    timestamp: Type.Optional(Nullable(Time)),
    known_at: Type.Optional(Nullable(Time)),
  },
  {
    $id: 'PriceRequest',
    additionalProperties: false,
    description: 'Prices without posting. Give counters, or the response in one of its three forms.',
  },
)

export const PriceAnswer = Type.Object(
  { usage: Type.Ref('UsageExplained'), charge: Type.Ref('ChargeExplained'), rate_cards: Type.Array(Type.Ref('RateCard')) },
  { $id: 'PriceAnswer' },
)

export const EstimateRequest = Type.Object(
  {
    organization_id: Type.Optional(Nullable(Id)),
    model: Name,
    provider: consumption.provider,
    input_tokens: Quantity,
    max_output_tokens: Quantity,
    cache_read_tokens: Type.Optional(
      Nullable(Type.Integer({ ...Quantity, description: 'Part of the input that is expected to be read from the cache.' })),
    ),
    service_tier: consumption.service_tier,
    region: consumption.region,
    timestamp: Type.Optional(Nullable(Time)),
    known_at: Type.Optional(Nullable(Time)),
  },
  {
    $id: 'EstimateRequest',
    additionalProperties: false,
    description: 'A call that has not been made yet. `input_tokens` is the total including cached tokens.',
  },
)

export const EstimateAnswer = Type.Object(
  {
    model: Type.String(),
    provider: Type.String({ description: 'Empty when nobody is known to sell the model.' }),
    expected: Type.Ref('ChargeExplained'),
    worst_case_usd: Nullable(UsdNumber),
    worst_case: Type.Union([UsdText, Type.Null()], {
      description:
        'The most that such a call can cost, tool fees aside: nothing read from the cache, all input written to it, the dearest reading of every doubt. Null when it cannot be priced: not zero.',
    }),
    rate_cards: Type.Array(Type.Ref('RateCard')),
  },
  { $id: 'EstimateAnswer' },
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

export const RepriceRequest = Type.Object(
  {
    organization_id: Type.Optional(Nullable(Id)),
    from: Type.Optional(Time),
    to: Type.Optional(Time),
    model: Type.Optional(Name),
    agent: Type.Optional(Name),
    only_unpriced: Type.Optional(Type.Boolean()),
    known_at: Type.Optional(Time),
    reason: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
    dry_run: Type.Optional(Type.Boolean({ description: 'Count and sum, record nothing.' })),
  },
  {
    $id: 'RepriceRequest',
    additionalProperties: false,
    description: 'Prices posted calls again by the rates known now. Differences are recorded as adjustments; no posted row is changed.',
  },
)
export const RepriceAnswer = Type.Object(
  {
    examined: Type.Integer(),
    adjusted: Type.Integer(),
    unchanged: Type.Integer(),
    still_unpriced: Type.Integer(),
    skipped_attested: Type.Integer({ description: 'Calls whose cost the seller itself stated.' }),
    difference_usd: UsdNumber,
    difference: UsdText,
    known_at: Type.String(),
    dry_run: Type.Boolean(),
  },
  { $id: 'RepriceAnswer' },
)

/** One posted call, explained to the last line. */
export const CallExplained = Type.Object(
  {
    call_id: Type.String(),
    organization_id: Type.String(),
    seq: Type.Integer({ description: 'Position in the journal.' }),
    recorded_at: Type.String(),
    timestamp: Type.String(),
    agent_name: Nullable(Type.String()),
    model: Nullable(Type.String()),
    workflow_id: Nullable(Type.String()),
    workflow_name: Nullable(Type.String()),
    parent_call_id: Nullable(Type.String()),
    session_id: Nullable(Type.String()),
    user_id: Nullable(Type.String()),
    team: Nullable(Type.String()),
    project: Nullable(Type.String()),
    cost_center: Nullable(Type.String()),
    action: Nullable(Type.String()),
    tags: Type.Record(Type.String(), Type.String()),
    key_id: Nullable(Type.String()),
    source: Type.String(),
    success: Type.Boolean(),
    error: Nullable(Type.String()),
    latency_ms: Nullable(Type.Number()),
    cost_usd: Nullable(UsdNumber),
    cost: Nullable(UsdText),
    usage: Type.Ref('UsageExplained'),
    charge: Type.Ref('ChargeExplained'),
    rate_cards: Type.Array(Type.Ref('RateCard')),
    transfers: Type.Array(Type.Object({ debit: Type.String(), credit: Type.String(), amount: UsdText })),
    adjustments: Type.Array(
      Type.Object({
        id: Type.String(),
        at: Type.String(),
        recorded_at: Type.String(),
        reason: Type.String(),
        delta: UsdText,
        cost_after: UsdText,
        charge: Type.Ref('ChargeExplained'),
      }),
      { description: 'Corrections under newer knowledge; `cost` includes them.' },
    ),
  },
  { $id: 'CallExplained' },
)

export type PriceRequest = Static<typeof PriceRequest>
export type UsageExplained = Static<typeof UsageExplained>
export type ChargeExplained = Static<typeof ChargeExplained>
export type RateCardAnswer = Static<typeof RateCardAnswer>
export interface PriceAnswer {
  readonly usage: UsageExplained
  readonly charge: ChargeExplained
  readonly rate_cards: RateCardAnswer[]
}
export interface EstimateAnswer {
  readonly model: string
  readonly provider: string
  readonly expected: ChargeExplained
  readonly worst_case_usd: number | null
  readonly worst_case: string | null
  readonly rate_cards: RateCardAnswer[]
}
export interface RateRetractAnswer {
  readonly rate: RateCardAnswer
}
export type FeedImportAnswer = Static<typeof FeedImportAnswer>

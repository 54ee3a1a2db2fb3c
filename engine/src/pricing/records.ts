import type { Millis, Picos } from '../kernel/index.ts'
import type { Meter, ServiceTier, UsageNote } from '../usage/index.ts'

/** An exact decimal as text, `/^(0|[1-9]\d*)(\.\d{1,18})?$/`; never a JSON number. */
export type DecimalText = string

/** A rate card: what one seller charges for one model over a span of time. Immutable; a change is a new card. Bitemporal. */
export interface RateCard {
  /** sha256 of the canonical JSON of everything below. */
  readonly id: string
  /** Empty for public cards; an organization's own rates carry its id and outrank every public card. */
  readonly organization: string | null
  readonly seller: string
  /** The seller's model id; matched exactly after aliases are resolved. `*` holds fees of all the seller's models (tools, not tokens). */
  readonly model: string
  readonly currency: string
  /** Valid time, half open. */
  readonly validFrom: Millis
  readonly validTo: Millis | null
  /** Knowledge time: when we learnt it, and when we learnt that it was wrong. */
  readonly recordedAt: Millis
  readonly retractedAt: Millis | null
  readonly status: 'active' | 'scheduled' | 'unlisted'
  readonly rates: readonly Rate[]
  readonly modifiers: readonly Modifier[]
  readonly source: RateSource
}

export interface RateSource {
  readonly kind: 'feed' | 'vendor-doc' | 'contract' | 'observed' | 'manual'
  /** Where a reader can look: a feed's name and version, a page, a contract number, who typed it. */
  readonly ref: string
  readonly licence?: string
  readonly checkedAt: Millis
  readonly confidence: 'attested' | 'corroborated' | 'single' | 'derived'
}

export interface Rate {
  readonly meter: Meter
  readonly price: DecimalText
  /** Quantity the price is for: 1000000 tokens, 1000 searches, 3600 seconds. A whole number above 0. */
  readonly per: number
  /** Absent: any. The most specific rate whose condition holds is used. */
  readonly when?: When
  /** Least and most billed quantity and step, e.g. at least 10 seconds of audio, at most one grounding fee a request. */
  readonly quantize?: { readonly min?: number; readonly step?: number; readonly max?: number }
  readonly caveat?: Caveat
}

/**
 * Why this rate may not be what the seller bills for the facts we have, e.g. a free allowance that is counted per account. A line priced by it
 * makes the charge ambiguous. `assume` says which reading is posted; `alternative` is another price that may hold instead (absent: the other reading
 * of `billed` is that nothing is billed).
 */
export interface Caveat {
  readonly detail: string
  readonly assume: 'billed' | 'free'
  readonly alternative?: { readonly price: DecimalText; readonly per: number } | 'unknown'
}

/**
 * Another name of a seller's model. Names are matched exactly; a `prefix` is for names that the seller itself builds by appending, e.g. fine-tuned
 * models. `doubt`: the name is a pointer that tables resolve differently, so charges by it are ambiguous.
 */
export interface ModelAlias {
  readonly seller: string
  readonly name: string
  readonly match: 'equals' | 'prefix'
  readonly model: string
  readonly validFrom: Millis
  readonly validTo: Millis | null
  readonly doubt?: string
}

/** One day's rate of a currency: how many US dollars one unit buys. `asOf` is a UTC date, `2026-08-21`. */
export interface FxRate {
  readonly currency: string
  readonly usdPerUnit: DecimalText
  readonly asOf: string
  readonly source: string
}

/** All listed facts must hold. */
export interface When {
  readonly tier?: readonly ServiceTier[]
  readonly bracket?: {
    readonly basis: 'input_total' | 'output_total'
    readonly op: 'gt' | 'gte'
    readonly at: number
    /** `whole`: all of the inference is priced by the bracket it falls in. `marginal`: only the part above. */
    readonly mode: 'whole' | 'marginal'
  }
  readonly region?: readonly string[]
  /** Daily windows of local time, e.g. off-peak hours. `from` may be later than `to` (over midnight). */
  readonly window?: { readonly zone: string; readonly days?: readonly number[]; readonly from: string; readonly to: string }
  readonly searchContext?: readonly ('low' | 'medium' | 'high')[]
  readonly endpoint?: readonly string[]
}

/** A factor the vendor itself defines, e.g. 11/10 for regional processing. Never used to guess a missing rate. */
export interface Modifier {
  readonly id: string
  readonly factor: { readonly num: number; readonly den: number }
  /** Meters it applies to, by family prefix: `input`, `output`, or one meter. */
  readonly meters: readonly string[]
  readonly when: When
}

/**
 * `exact`: every billed meter had a rate. `estimated`: some quantity was estimated by us, or the rate of another tier or time stands in.
 * `ambiguous`: the facts admit another amount (see `alternatives`). `partial`: some meter is missing or has no rate; the amount covers the rest. `unpriced`: nothing could be priced.
 * `attested`: the seller stated the cost and that is what is posted.
 */
export const CHARGE_STATUSES = ['exact', 'estimated', 'ambiguous', 'partial', 'unpriced', 'attested'] as const
export type ChargeStatus = (typeof CHARGE_STATUSES)[number]

/** quantity × rate, rounded once, half to even. */
export interface ChargeLine {
  /** Index of the inference in the usage. */
  readonly inference: number
  readonly model: string
  readonly meter: Meter
  readonly quantity: number
  readonly price: DecimalText
  readonly per: number
  readonly currency: string
  readonly modifiers: readonly string[]
  readonly cardId: string
  /** Index of the rate in the card. */
  readonly rate: number
  /** USD. In another currency the FX rate of the charge was applied before the one rounding. */
  readonly amount: Picos
}

export interface Unpriced {
  readonly inference: number
  readonly model: string
  readonly meter: Meter
  /** Null when even the quantity is unknown. */
  readonly quantity: number | null
  readonly reason: 'no_card' | 'no_rate' | 'quantity_missing'
}

export type PricingNoteCode =
  | 'bracket_by_total'
  | 'alias_moved'
  | 'rates_disagree'
  | 'fee_may_apply'
  | 'fx_missing'
  | 'overlapping_rates'
  /** The service tier has no published rate; the standard one was used. */
  | 'tier_rate_missing'
  /** A cloud resells the model and no table has its own card; the maker's card was used. */
  | 'other_sellers_card'
  /** The search context size is not known; the seller's default was used. */
  | 'search_context_assumed'
  /** The endpoint's region scope is not known and changes the price. */
  | 'region_assumed'
  /** The call is older than the table that priced it, and the table does not say since when its rate holds. */
  | 'card_undated'
  /** The card in force at the time of the call has no such rate; the one used was seen only when the model had another price. */
  | 'price_changed_since'
  /** The organization has rates of its own for the model, and none for this meter: the list price was used. */
  | 'list_rate_used'
  /** A positive amount is finer than 1e-12 USD and was rounded. */
  | 'amount_rounded'

export type ChargeNote = UsageNote | { readonly code: PricingNoteCode; readonly detail: string }

/** The priced usage: what is posted, and all that explains it. */
export interface Charge {
  readonly status: ChargeStatus
  /** Posted amount in USD; null only when nothing is known (`unpriced`). A known price of zero is `0n`. */
  readonly amount: Picos | null
  readonly lines: readonly ChargeLine[]
  readonly unpriced: readonly Unpriced[]
  /** Other amounts the facts admit, and when each would be right. */
  readonly alternatives: readonly { readonly when: string; readonly amount: Picos }[]
  /** Seller's own statement beside our computed (list) amount. */
  readonly attested?: { readonly amount: Picos; readonly by: string; readonly computed: Picos | null; readonly variance: Picos | null }
  /** FX rate applied, when the card is not in USD. */
  readonly fx?: { readonly currency: string; readonly usdPerUnit: DecimalText; readonly asOf: string; readonly source: string }
  readonly notes: readonly ChargeNote[]
  /** Knowledge time the rates were read at. */
  readonly knownAt: Millis
}

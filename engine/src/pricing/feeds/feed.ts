import {
  type Decimal,
  decimalOfNumber,
  fail,
  LIMITS,
  type Millis,
  ok,
  parseDecimal,
  type Refusal,
  type Result,
  refusal,
} from '../../kernel/index.ts'
import type { DecimalText, ModelAlias, RateCard, RateSource } from '../records.ts'

/** When and where a table was taken. */
export interface FeedSource {
  /** Its name and version, e.g. `genai-prices@0.1.8`. */
  readonly ref: string
  readonly licence: string
  readonly checkedAt: Millis
  /**
   * Knowledge time of its cards. `baseline`: the first table a book starts from. What it says of the past counts as known all along, dated entries from
   * their date on, and announced ones from `checkedAt`.
   */
  readonly recordedAt: Millis | 'baseline'
}

/** What a table gave. Nothing in it that looks like a price is dropped in silence: it is a card, or it is listed here. */
export interface FeedReading {
  readonly cards: readonly RateCard[]
  readonly aliases: readonly ModelAlias[]
  readonly unmapped: readonly Unmapped[]
}

export interface Unmapped {
  readonly seller: string
  readonly model: string
  readonly field: string
  readonly value: string
  readonly reason: 'no_meter' | 'not_a_price' | 'duplicate' | 'window_without_date' | 'name_conflict'
}

const rateSources = new WeakMap<FeedSource, RateSource>()

/** What cards say of their table; one frozen object for all of them. */
export function rateSourceOf(source: FeedSource): RateSource {
  const known = rateSources.get(source)
  if (known !== undefined) return known
  const { ref, licence, checkedAt } = source
  const made: RateSource = Object.freeze({ kind: 'feed', ref, licence, checkedAt, confidence: 'single' })
  rateSources.set(source, made)
  return made
}

const MODELS_MAX = 50_000

/** Reads a table's text as JSON. A table is untrusted input: capped, checked, and none of its expressions is ever run. */
export function parseFeed(text: string): Result<unknown> {
  if (text.length > LIMITS.feedBytesMax) return fail(refusal('too_large', `a price table may have ${LIMITS.feedBytesMax} bytes`))
  try {
    return ok(JSON.parse(text))
  } catch {
    return fail(refusal('invalid_json', 'the price table is not JSON'))
  }
}

export function wrongShape(detail: string, path: string): { readonly ok: false; readonly error: Refusal } {
  return fail(refusal('invalid_field', detail, { path }))
}

export function tooManyModels(count: number): boolean {
  return count > MODELS_MAX
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * The vendor's decimal from a table's number: its shortest text, never its double, times `factor` (a power of ten that turns a price per unit into
 * a price per `per`). Null when it is negative, not finite, or finer than a card can say.
 */
export function priceText(value: unknown, shift = 0): DecimalText | null {
  if (shift === 0 && typeof value === 'number' && value >= 0) {
    const text = String(value)
    if (PLAIN_DECIMAL.test(text)) return text
  }
  const decimal = typeof value === 'number' ? decimalOfNumber(value) : typeof value === 'string' ? parseDecimal(value) : null
  if (decimal === null || decimal.digits < 0n) return null
  return decimalText({ digits: decimal.digits, scale: decimal.scale - shift })
}

const PLAIN_DECIMAL = /^(?:0|[1-9]\d{0,17})(?:\.\d{1,18})?$/

/** Shortest text of a decimal, or null when it needs more than 18 decimals. */
export function decimalText(value: Decimal): DecimalText | null {
  let { digits, scale } = value
  if (scale < 0) {
    digits *= 10n ** BigInt(-scale)
    scale = 0
  }
  while (scale > 0 && digits % 10n === 0n) {
    digits /= 10n
    scale--
  }
  if (scale > 18) return null
  const text = digits.toString().padStart(scale + 1, '0')
  return scale === 0 ? text : `${text.slice(0, -scale)}.${text.slice(-scale)}`
}

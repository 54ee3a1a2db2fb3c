import { fail, type Millis, ok, type Result, refusal } from '../kernel/index.ts'
import type { Meter } from '../usage/index.ts'
import { identified } from './book/card-id.ts'
import { sellerId } from './book/sellers.ts'
import { priceText } from './feeds/feed.ts'
import type { DecimalText, Rate, RateCard } from './records.ts'

/** An organization's own rates as the live-monitoring family spells them: USD per 1,000 tokens. */
export interface RatesPer1K {
  readonly model?: string
  readonly modelId?: string
  readonly seller?: string
  readonly inputRatePerKTokens: number | string
  readonly outputRatePerKTokens: number | string
  readonly cachedInputRatePerKTokens?: number | string | null
  readonly reasoningRatePerKTokens?: number | string | null
}

/** The same as the daily-reporting family shows them: USD per 1,000,000 tokens. */
export interface RatesPer1M {
  readonly model?: string
  readonly modelId?: string
  readonly seller?: string
  readonly input: number | string
  /** Absent for models without output tokens, e.g. embeddings. */
  readonly output?: number | string | null
  readonly cachedInput?: number | string | null
  readonly reasoning?: number | string | null
  readonly cacheWrite?: number | string | null
}

/** Who sets rates, when, and from when they hold. They hold at once unless said otherwise. */
export interface RateSetting {
  readonly organization: string
  readonly setBy: string
  readonly at: Millis
  readonly validFrom?: Millis
}

/**
 * Rates per 1,000 tokens → a card of the organization. Meters that are not named keep their list price. Refused (`invalid_field`, `missing_field`)
 * with the path of the field when a rate is not a decimal of at least zero.
 */
export function ratesFromPer1K(rates: RatesPer1K, setting: RateSetting): Result<RateCard> {
  const fields: readonly Field[] = [
    ['input', 'inputRatePerKTokens', rates.inputRatePerKTokens],
    ['output', 'outputRatePerKTokens', rates.outputRatePerKTokens],
    ['input.cache_read', 'cachedInputRatePerKTokens', rates.cachedInputRatePerKTokens],
    ['output.reasoning', 'reasoningRatePerKTokens', rates.reasoningRatePerKTokens],
  ]
  return cardFrom(rates, fields, ['input', 'output'], 1_000, setting)
}

/** Rates per 1,000,000 tokens → a card of the organization; otherwise as `ratesFromPer1K`. */
export function ratesFromPer1M(rates: RatesPer1M, setting: RateSetting): Result<RateCard> {
  const fields: readonly Field[] = [
    ['input', 'input', rates.input],
    ['output', 'output', rates.output],
    ['input.cache_read', 'cachedInput', rates.cachedInput],
    ['output.reasoning', 'reasoning', rates.reasoning],
    ['input.cache_write', 'cacheWrite', rates.cacheWrite],
  ]
  return cardFrom(rates, fields, ['input'], 1_000_000, setting)
}

type Field = readonly [meter: Meter, name: string, value: number | string | null | undefined]

/** Above this a rate is a slip of the decimal point: the dearest listed model costs 600 USD per million tokens. */
const USD_PER_TOKEN_MAX = 1

function cardFrom(
  named: { readonly model?: string; readonly modelId?: string; readonly seller?: string },
  fields: readonly Field[],
  required: readonly Meter[],
  per: number,
  setting: RateSetting,
): Result<RateCard> {
  const model = named.modelId ?? named.model ?? ''
  if (model === '' || model === '*') return fail(refusal('missing_field', 'a model is required', { path: '/modelId' }))
  const rates: Rate[] = []
  for (const [meter, name, value] of fields) {
    if (value === undefined || value === null) {
      if (required.includes(meter)) return fail(refusal('missing_field', `${name} is required`, { path: `/${name}` }))
      continue
    }
    const price = rateText(value, per)
    if (price === null)
      return fail(refusal('invalid_field', `${name} must be a decimal from 0 to ${USD_PER_TOKEN_MAX * per}`, { path: `/${name}` }))
    rates.push({ meter, price, per })
  }
  return ok(
    identified({
      organization: setting.organization,
      // Without a seller the rates hold for that name wherever it is bought; `openai/gpt-4o` also names OpenAI's gpt-4o.
      seller: named.seller === undefined || named.seller === '' ? '*' : sellerId(named.seller),
      model,
      currency: 'USD',
      validFrom: setting.validFrom ?? setting.at,
      validTo: null,
      recordedAt: setting.at,
      retractedAt: null,
      status: 'active',
      rates,
      modifiers: [],
      source: { kind: 'contract', ref: `set by ${setting.setBy}`, checkedAt: setting.at, confidence: 'attested' },
    }),
  )
}

function rateText(value: number | string, per: number): DecimalText | null {
  const price = priceText(value)
  return price !== null && Number(price) <= USD_PER_TOKEN_MAX * per ? price : null
}

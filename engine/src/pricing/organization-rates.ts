import { decimalOfNumber, fail, type Millis, ok, parseDecimal, type Result, refusal } from '../kernel/index.ts'
import { METERS } from '../usage/index.ts'
import { identified } from './book/card-id.ts'
import { sellerId } from './book/sellers.ts'
import { decimalText } from './feeds/feed.ts'
import type { DecimalText, Rate, RateCard } from './records.ts'

/** Rates that an organization sets for a model: by whom, when, and from when to when they hold. */
export interface RateSetting {
  readonly organization: string
  readonly setBy: string
  readonly at: Millis
  readonly model: string
  /** Absent: the rates hold for that name wherever it is bought; `openai/gpt-4o` also names OpenAI's gpt-4o. */
  readonly seller?: string
  readonly currency?: string
  /** Absent: from `at` on. */
  readonly validFrom?: Millis
  readonly validTo?: Millis
  /** Contract number or reason; absent: who set them. */
  readonly reference?: string
  readonly rates: readonly StatedRate[]
}

/** A rate as it was stated, and where, so that a refusal can point to it. */
interface StatedRate {
  readonly meter: string
  readonly price: string | number
  readonly per: number
  readonly path: string
}

/**
 * The card of an organization's own rates. Meters that are not named keep their list price. Refused, with the path of the field:
 * `missing_field` without a rate, `invalid_time` when it would end before it begins, `unpublishable_rate` for a slip of the decimal
 * point, else `invalid_field`.
 */
export function organizationCard(setting: RateSetting): Result<RateCard> {
  const { at, model, validFrom = at, validTo = null } = setting
  if (model === '' || model === '*') return fail(refusal('invalid_field', 'rates are set for one model', { path: '/model' }))
  if (validTo !== null && validTo <= validFrom) {
    return fail(refusal('invalid_time', 'the rates would end before they begin', { path: '/valid_to' }))
  }
  const rates = ratesOf(setting.rates)
  if (!rates.ok) return rates
  return ok(
    identified({
      organization: setting.organization,
      seller: setting.seller === undefined || setting.seller === '' ? '*' : sellerId(setting.seller),
      model,
      currency: setting.currency ?? 'USD',
      validFrom,
      validTo,
      recordedAt: at,
      retractedAt: null,
      status: 'active',
      rates: rates.value,
      modifiers: [],
      source: { kind: 'contract', ref: setting.reference ?? `set by ${setting.setBy}`, checkedAt: at, confidence: 'attested' },
    }),
  )
}

/** A meter may be given once. */
function ratesOf(stated: readonly StatedRate[]): Result<Rate[]> {
  if (stated.length === 0) return fail(refusal('missing_field', 'no rate is given, e.g. input_per_1m', { path: '/input_per_1m' }))
  const rates: Rate[] = []
  for (const { meter, price, per, path } of stated) {
    const known = METERS.find((name) => name === meter)
    if (known === undefined) return fail(refusal('invalid_field', `"${meter}" is not a meter; they are ${METERS.join(', ')}`, { path }))
    if (rates.some((rate) => rate.meter === known)) return fail(refusal('invalid_field', `${known} is given twice`, { path }))
    const text = statedPrice(price, per, path)
    if (!text.ok) return text
    rates.push({ meter: known, price: text.value, per })
  }
  return ok(rates)
}

/** Above this a rate is a slip of the decimal point: the dearest listed model costs 600 USD per million tokens. */
const PER_UNIT_MAX = 1_000n

function statedPrice(price: string | number, per: number, path: string): Result<DecimalText> {
  const value = typeof price === 'number' ? decimalOfNumber(price) : parseDecimal(price)
  const text = value === null || value.digits < 0n ? null : decimalText(value)
  if (value === null || text === null) {
    return fail(refusal('invalid_field', `${price} is not a decimal of at least 0 with at most 18 decimals`, { path }))
  }
  if (value.digits > PER_UNIT_MAX * BigInt(per) * 10n ** BigInt(value.scale)) {
    return fail(
      refusal('unpublishable_rate', `${price} per ${per} is more than ${PER_UNIT_MAX} for one: a slip of the decimal point?`, { path }),
    )
  }
  return ok(text)
}

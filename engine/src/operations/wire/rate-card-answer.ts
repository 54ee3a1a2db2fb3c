import type { RateCardAnswer } from '@purser/contract'
import { type Decimal, formatInstant, parseDecimal } from '../../kernel/index.ts'
import type { Rate, RateCard } from '../../pricing/index.ts'

export function rateCardAnswer(card: RateCard): RateCardAnswer {
  const { source } = card
  return {
    rate_card: card.id,
    organization_id: card.organization,
    provider: card.seller,
    model: card.model,
    currency: card.currency,
    valid_from: formatInstant(card.validFrom),
    valid_to: card.validTo === null ? null : formatInstant(card.validTo),
    recorded_at: formatInstant(card.recordedAt),
    retracted_at: card.retractedAt === null ? null : formatInstant(card.retractedAt),
    status: card.status,
    rates: card.rates.map(rateAnswer),
    modifiers: card.modifiers.map((modifier) => ({ ...modifier })),
    source: {
      kind: source.kind,
      ref: source.ref,
      ...(source.licence === undefined ? {} : { licence: source.licence }),
      checked_at: formatInstant(source.checkedAt),
      confidence: source.confidence,
    },
  }
}

function rateAnswer(rate: Rate): RateCardAnswer['rates'][number] {
  return {
    meter: rate.meter,
    price: rate.price,
    per: rate.per,
    per_1k: pricePer(rate, 1_000n),
    per_1m: pricePer(rate, 1_000_000n),
    ...(rate.when === undefined ? {} : { when: { ...rate.when } }),
    ...(rate.quantize === undefined ? {} : { quantize: { ...rate.quantize } }),
    ...(rate.caveat === undefined ? {} : { caveat: { ...rate.caveat } }),
  }
}

const DECIMALS_MAX = 18

/** The same price for another quantity, where it has a finite decimal form of at most 18 digits; else null. Never rounded. */
export function pricePer(rate: { readonly price: string; readonly per: number }, quantity: bigint): string | null {
  const price = parseDecimal(rate.price)
  if (price === null) return null
  const dividend = price.digits * quantity * 10n ** BigInt(DECIMALS_MAX)
  const divisor = BigInt(rate.per) * 10n ** BigInt(price.scale)
  return dividend % divisor === 0n ? textOfDecimal({ digits: dividend / divisor, scale: DECIMALS_MAX }) : null
}

/** The shortest text of a decimal that is not negative. */
export function textOfDecimal({ digits, scale }: Decimal): string {
  const padded = digits.toString().padStart(scale + 1, '0')
  const fraction = scale === 0 ? '' : padded.slice(-scale).replace(/0+$/, '')
  return `${scale === 0 ? padded : padded.slice(0, -scale)}${fraction === '' ? '' : `.${fraction}`}`
}

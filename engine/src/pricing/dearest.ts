import { type Decimal, type Millis, type Picos, parseDecimal, picos } from '../kernel/index.ts'
import type { Meter } from '../usage/index.ts'
import type { CardBook } from './book/book.ts'
import type { RateCard } from './records.ts'

/** Meters that text is billed by. Pictures, sound and fees are not what an unknown model is likely to be asked for. */
const INPUTS: readonly Meter[] = ['input', 'input.cache_write', 'input.cache_write_5m', 'input.cache_write_1h']
const OUTPUTS: readonly Meter[] = ['output', 'output.reasoning']
const PICOS_SCALE = 12n

/**
 * The most that so many tokens would cost at the dearest public rates in US dollars in force: of the seller where it has any, else of all
 * sellers. For models whose price nobody knows; rounded up to a whole pico-dollar. Null when no rate is known at all.
 */
export function dearestCost(
  book: CardBook,
  of: { readonly seller: string; readonly inputTokens: number; readonly outputTokens: number; readonly at: Millis },
): Picos | null {
  const inForce = book.cards.filter((card) => isInForce(card, of.at))
  const own = inForce.filter((card) => card.seller === of.seller)
  const input = dearest(own, INPUTS) ?? dearest(inForce, INPUTS)
  const output = dearest(own, OUTPUTS) ?? dearest(inForce, OUTPUTS)
  if (input === null || output === null) return null
  return picos(costOf(input, of.inputTokens) + costOf(output, of.outputTokens))
}

interface PricePer {
  readonly price: Decimal
  readonly per: bigint
}

function isInForce({ organization, currency, retractedAt, validFrom, validTo }: RateCard, at: Millis): boolean {
  return organization === null && currency === 'USD' && retractedAt === null && validFrom <= at && (validTo === null || at < validTo)
}

function dearest(cards: readonly RateCard[], meters: readonly Meter[]): PricePer | null {
  let most: PricePer | null = null
  for (const { rates } of cards) {
    for (const { meter, price, per } of rates) {
      const amount = meters.includes(meter) ? parseDecimal(price) : null
      if (amount === null) continue
      const rate = { price: amount, per: BigInt(per) }
      if (most === null || isDearer(rate, most)) most = rate
    }
  }
  return most
}

/** a / per > b / per, without dividing. */
function isDearer(a: PricePer, b: PricePer): boolean {
  return a.price.digits * 10n ** BigInt(b.price.scale) * b.per > b.price.digits * 10n ** BigInt(a.price.scale) * a.per
}

function costOf({ price, per }: PricePer, tokens: number): bigint {
  const dividend = price.digits * BigInt(tokens) * 10n ** PICOS_SCALE
  const divisor = per * 10n ** BigInt(price.scale)
  return (dividend + divisor - 1n) / divisor
}

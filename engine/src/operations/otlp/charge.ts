import { type Millis, parseDecimal, picos, picosOfDecimal } from '../../kernel/index.ts'
import type { Charge } from '../../pricing/index.ts'
import type { Described, Usage } from '../../usage/index.ts'
import type { RateDesk } from '../pricing/rate-desk.ts'

/** A usage with the seller that is known to sell the model, and its charge. */
export interface Priced {
  readonly usage: Usage
  readonly charge: Charge
}

/**
 * Prices what telemetry describes. What an SDK or an agent says that it cost is its own estimate, so our price stands where we know one, and
 * what was reported is kept beside it. Where we know none, or only a part, it is the best that is known, and is posted as attested.
 */
export function priced({ usage, reported }: Described, rates: RateDesk, organization: string, now: Millis): Priced {
  const model = usage.modelServed ?? usage.modelRequested
  const sold = model === null ? usage : { ...usage, seller: rates.sellerOf(usage.seller, model, usage.at) }
  const charge = rates.price(sold, organization, now)
  const value = reported === null ? null : parseDecimal(reported.amount)
  if (reported === null || value === null) return { usage: sold, charge }
  if (charge.status === 'unpriced' || charge.status === 'partial') {
    const attested = { ...sold, attested: reported }
    return { usage: attested, charge: rates.price(attested, organization, now) }
  }
  const amount = picosOfDecimal(value)
  const variance = charge.amount === null ? null : picos(amount - charge.amount)
  return { usage: sold, charge: { ...charge, attested: { amount, by: reported.by, computed: charge.amount, variance } } }
}

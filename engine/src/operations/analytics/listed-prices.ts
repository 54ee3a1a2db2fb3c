import type { SoldModel, TokenPrices } from '../../insights/index.ts'
import type { Millis } from '../../kernel/index.ts'
import type { Meter } from '../../usage/index.ts'
import type { Services } from '../context.ts'

/** Few enough to stay below every bracket. */
const PROBE_TOKENS = 1_000

/** What models list their tokens at, as far as it is known now: for proportions, so as plain numbers. Each is looked up once. */
export function listedPrices({ rates, now }: Pick<Services, 'rates' | 'now'>): (sold: SoldModel, at: Millis) => TokenPrices | null {
  const knownAt = now()
  const known = new Map<string, TokenPrices | null>()
  const priceOf = ({ organization, seller, model }: SoldModel, at: Millis, meter: Meter): number | null => {
    if (model === null || seller === null) return null
    const inference = { model, kind: 'message', meters: { [meter]: PROBE_TOKENS }, evidence: {} } as const
    const bought = { seller, modelRequested: model, modelServed: model, at, inferences: [inference], context: {}, notes: [] }
    const { amount } = rates.price({ ...bought, outcome: { ok: true } }, organization, knownAt)
    return amount === null ? null : Number(amount)
  }
  const pricesOf = (sold: SoldModel, at: Millis): TokenPrices | null => {
    const input = priceOf(sold, at, 'input')
    const output = priceOf(sold, at, 'output')
    if (input === null || output === null) return null
    return {
      input,
      output,
      cacheRead: priceOf(sold, at, 'input.cache_read') ?? input,
      cacheWrite: priceOf(sold, at, 'input.cache_write') ?? input,
    }
  }
  return (sold, at) => {
    const key = JSON.stringify([sold.organization, sold.seller, sold.model, at])
    const found = known.get(key)
    if (found !== undefined) return found
    const prices = pricesOf(sold, at)
    known.set(key, prices)
    return prices
  }
}

import type { AuthorizeCall } from '@purser/contract'
import type { Millis, Picos } from '../../kernel/index.ts'
import { type CacheWriteMeter, dearestCost, worstCaseFor } from '../../pricing/index.ts'
import type { Meters } from '../../usage/index.ts'
import type { RateServices } from '../context.ts'

/** What the price of a call before it is made depends on. */
export type Foreseen = Pick<AuthorizeCall, 'model' | 'input_tokens' | 'max_output_tokens' | 'service_tier' | 'region'> & {
  /** Empty: inferred from the model. */
  readonly provider: string
} & Planned

/** What a door that has seen the request knows beyond its tokens. */
export interface Planned {
  /** The only ways in which input may be written to a cache. */
  readonly cacheWrites?: readonly CacheWriteMeter[]
  /** What else may be billed. */
  readonly others?: Meters
}

/** The most that a call can cost, by the same code that prices it later; null when no price is known. */
export function worstCase({ rates }: RateServices, organization: string, call: Foreseen, at: Millis): Picos | null {
  return worstCaseFor(
    {
      model: call.model,
      seller: rates.sellerOf(call.provider, call.model, at),
      inputTokens: call.input_tokens,
      maxOutputTokens: call.max_output_tokens,
      ...(typeof call.service_tier === 'string' ? { tier: call.service_tier } : {}),
      ...(call.cacheWrites === undefined ? {} : { cacheWrites: call.cacheWrites }),
      ...(call.others === undefined ? {} : { others: call.others }),
      ...(typeof call.region === 'string' ? { region: call.region } : {}),
      organization,
      at,
      knownAt: at,
      fx: rates.fx(),
    },
    rates.book(),
  )
}

/** What stands in for the worst case where no price is known: the dearest rate of its seller, else of anybody; null when nobody sells anything. */
export function dearestCase({ rates }: RateServices, call: Foreseen, at: Millis): Picos | null {
  const seller = rates.sellerOf(call.provider, call.model, at)
  return dearestCost(rates.book(), { seller, inputTokens: call.input_tokens, outputTokens: call.max_output_tokens, at })
}

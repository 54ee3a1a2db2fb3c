import type { Picos } from '../../../kernel/index.ts'
import { estimate } from '../../../pricing/index.ts'
import { canonicalSeller } from '../../../usage/index.ts'
import { worstCase } from '../../budgets/worst-case.ts'
import type { RateServices } from '../../context.ts'
import { CACHE_WRITES, type PlannedCall } from '../passage.ts'

/**
 * What a call would cost: at most, as it would be held, and as foreseen when it writes so many tokens, the same for all models that are compared. Null where no
 * price is known for the whole of it.
 */
export function routePrices(
  services: RateServices,
  organization: string,
  call: PlannedCall,
  outputTokens: number,
): { readonly expected: Picos | null; readonly worstCase: Picos | null } {
  const at = services.now()
  const { rates } = services
  const provider = canonicalSeller(call.seller)
  const { expected } = estimate(
    {
      model: call.model,
      seller: rates.sellerOf(provider, call.model, at),
      inputTokens: call.inputTokens,
      maxOutputTokens: outputTokens,
      others: call.others,
      ...(call.tier === null ? {} : { tier: call.tier }),
      organization,
      at,
      knownAt: at,
      fx: rates.fx(),
    },
    rates.book(),
  )
  const most = worstCase(
    services,
    organization,
    {
      provider,
      model: call.model,
      input_tokens: call.inputTokens,
      max_output_tokens: call.outputTokens,
      others: call.others,
      ...(call.cacheWrites === 'unknown' ? {} : { cacheWrites: CACHE_WRITES[call.cacheWrites] }),
      ...(call.tier === null ? {} : { service_tier: call.tier }),
    },
    at,
  )
  return { expected: expected.status === 'partial' ? null : expected.amount, worstCase: most }
}

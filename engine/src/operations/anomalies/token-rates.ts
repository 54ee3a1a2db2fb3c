import type { RatesAt } from '../../insights/index.ts'
import { type Picos, picos } from '../../kernel/index.ts'
import type { Meter, Usage } from '../../usage/index.ts'
import type { Services } from '../context.ts'

/** So few tokens that no price for long prompts applies. */
const TOKENS = 1_000
const TIMES = 1_000n

/** What a model charges for a million tokens of each meter, by the rates as known now, of calls that say no more than their model. */
export function ratesAt({ rates, now }: Pick<Services, 'rates' | 'now'>): RatesAt {
  return ({ organization, seller, model, at }) => {
    const rateOf = (meter: Meter): Picos | null => {
      const { status, amount } = rates.price(usageOf(seller, model, at, meter), organization, now())
      return status !== 'exact' || amount === null ? null : picos(amount * TIMES)
    }
    const [input, output] = [rateOf('input'), rateOf('output')]
    if (input === null || output === null) return null
    return { input, output, cacheRead: rateOf('input.cache_read') ?? input, cacheWrite: rateOf('input.cache_write') ?? input }
  }
}

function usageOf(seller: string, model: string, at: number, meter: Meter): Usage {
  return {
    ...{ seller, modelRequested: model, modelServed: model, at },
    inferences: [{ model, kind: 'message', meters: { [meter]: TOKENS }, evidence: { [meter]: 'derived' } }],
    ...{ context: {}, notes: [], outcome: { ok: true } },
  }
}

import { assert, type Millis, type Picos } from '../kernel/index.ts'
import type { Meters, ServiceTier, Usage } from '../usage/index.ts'
import type { CardBook } from './book/book.ts'
import { price } from './charge/price.ts'
import type { FxTable } from './fx.ts'
import type { Charge } from './records.ts'

/** What is known of a call before it is made. Tokens. */
export interface EstimateRequest {
  readonly model: string
  /** Empty or absent: inferred from the model's name. */
  readonly seller?: string
  readonly inputTokens: number
  readonly maxOutputTokens: number
  /** Part of the input that is expected to be read from cache. Counts for the expectation only; the worst case reads nothing from cache. */
  readonly cachedInputTokens?: number
  /** The only ways in which input may be written to a cache, where that is known; the worst case otherwise takes the dearest. */
  readonly cacheWrites?: readonly CacheWriteMeter[]
  /** What else may be billed: pictures, characters, output that is no text. A meter that the seller does not charge for is left out. */
  readonly others?: Meters
  readonly tier?: ServiceTier
  readonly region?: string
  readonly endpoint?: string
  readonly organization?: string | null
  readonly at: Millis
  readonly knownAt: Millis
  readonly fx?: FxTable
}

export type CacheWriteMeter = 'input.cache_write' | 'input.cache_write_5m' | 'input.cache_write_1h'

const CACHE_WRITES: readonly CacheWriteMeter[] = ['input.cache_write_5m', 'input.cache_write_1h', 'input.cache_write']

export interface Estimate {
  /** The charge if the call uses exactly what was said. */
  readonly expected: Charge
  /** The most that the call can cost: nothing read from cache, all input written to it at the dearest rate, the dearest reading of every doubt. Null when unpriced. */
  readonly worstCase: Picos | null
}

/**
 * Prices a call before it is made, by the same code as `price`. The worst case is for holds: a later charge for at most these tokens is never
 * above it, tool fees aside.
 */
export function estimate(request: EstimateRequest, book: CardBook): Estimate {
  const cached = Math.min(request.cachedInputTokens ?? 0, request.inputTokens)
  assert(request.inputTokens >= 0 && request.maxOutputTokens >= 0 && cached >= 0, 'tokens are not negative')
  const expected = chargeFor(request, book, {
    input: request.inputTokens - cached,
    'input.cache_read': cached,
    output: request.maxOutputTokens,
  })
  return { expected, worstCase: worstCaseFor(request, book) }
}

/** The worst case alone. */
export function worstCaseFor(request: EstimateRequest, book: CardBook): Picos | null {
  assert(request.inputTokens >= 0 && request.maxOutputTokens >= 0, 'tokens are not negative')
  const outputs = outputsOf(request)
  let most: Picos | null = null
  const among = (input: Meters, output: Meters): boolean => {
    const charge = chargeFor(request, book, { ...input, ...output })
    // A seller without a rate for it does not sell it; that combination cannot occur.
    if (charge.status === 'partial' || charge.amount === null) return false
    for (const amount of [charge.amount, ...charge.alternatives.map((other) => other.amount)])
      if (most === null || amount > most) most = amount
    return true
  }
  const sold = outputs.filter((output) => among({ input: request.inputTokens }, output))
  for (const meter of request.cacheWrites ?? CACHE_WRITES) {
    for (const output of sold) if (!among({ [meter]: request.inputTokens }, output)) break
  }
  return most
}

/** Text, seen or only thought. Where something else is billed: each of it alone and all together, because a seller has rates for some of them only. */
function outputsOf({ maxOutputTokens, others = {} }: EstimateRequest): Meters[] {
  const each = Object.entries(others)
  if (each.length === 0) return [{ output: maxOutputTokens }, { 'output.reasoning': maxOutputTokens }]
  const alone = each.map(([meter, quantity]): Meters => ({ output: maxOutputTokens, [meter]: quantity }))
  return [...alone, { output: maxOutputTokens, ...others }]
}

function chargeFor(request: EstimateRequest, book: CardBook, meters: Meters): Charge {
  const usage: Usage = {
    seller: request.seller ?? '',
    modelRequested: request.model,
    modelServed: null,
    at: request.at,
    inferences: [{ model: request.model, kind: 'message', meters, evidence: {} }],
    context: {
      ...(request.tier === undefined ? {} : { tier: request.tier }),
      ...(request.region === undefined ? {} : { region: request.region }),
      ...(request.endpoint === undefined ? {} : { endpoint: request.endpoint }),
    },
    notes: [],
    outcome: { ok: true },
  }
  return price(usage, book, {
    knownAt: request.knownAt,
    organization: request.organization ?? null,
    ...(request.fx === undefined ? {} : { fx: request.fx }),
  })
}

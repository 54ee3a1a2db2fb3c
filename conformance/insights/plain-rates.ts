import type { PriceableCall } from '../../engine/src/calls/index.ts'
import type { ExactCall, PriceOf, ReadExact } from '../../engine/src/insights/index.ts'
import { type Picos, picos } from '../../engine/src/kernel/index.ts'
import type { Meters, Usage } from '../../engine/src/usage/index.ts'

/** Picos a token: $3 a million in, $0.30 read, $3.75 and $6 written for five minutes and an hour, $15 out. What the truth tables are computed with. */
const RATES: Readonly<Record<string, bigint>> = {
  input: 3_000_000n,
  'input.cache_read': 300_000n,
  'input.cache_write_5m': 3_750_000n,
  'input.cache_write_1h': 6_000_000n,
  output: 15_000_000n,
}

export const plainPrice: PriceOf = ({ inferences }) => {
  let sum = 0n
  for (const { meters } of inferences)
    for (const [meter, quantity] of Object.entries(meters)) sum += (RATES[meter] ?? 0n) * BigInt(quantity)
  return { status: 'exact', amount: picos(sum) }
}

type Tokens = Partial<Pick<PriceableCall, 'inputTokens' | 'outputTokens' | 'cacheReadTokens' | 'cacheWriteTokens'>>

/** What tokens cost by these rates. */
export function plainCost(tokens: Tokens): Picos {
  return plainPrice(usageOf(tokens), 'any').amount ?? picos(0n)
}

function usageOf({ inputTokens = 0, outputTokens = 0, cacheReadTokens = 0, cacheWriteTokens = 0 }: Tokens): Usage {
  const meters: Meters = {
    input: inputTokens - cacheReadTokens - cacheWriteTokens,
    'input.cache_read': cacheReadTokens,
    'input.cache_write_5m': cacheWriteTokens,
    output: outputTokens,
  }
  return {
    seller: 'anthropic',
    modelRequested: 'm',
    modelServed: 'm',
    at: 0,
    inferences: [{ model: 'm', kind: 'message', meters, evidence: {} }],
    context: {},
    notes: [],
    outcome: { ok: true },
  }
}

/** A journal that has of each call what its row says, everything written for five minutes. */
export const exactRows: ReadExact = async (calls) =>
  new Map(calls.map((call): [number, ExactCall] => [call.seq, { usage: usageOf(call), lines: [], costPosted: call.cost }]))

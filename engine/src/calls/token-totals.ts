import type { Meter, Usage } from '../usage/index.ts'

/** Token totals of a call as people read them: input includes what came from and went to the cache, output includes reasoning. */
export interface TokenTotals {
  readonly inputTokens: number
  readonly cacheReadTokens: number
  readonly cacheWriteTokens: number
  readonly outputTokens: number
  readonly reasoningTokens: number
  /** The worst evidence among the token counts. */
  readonly evidence: 'reported' | 'assumed' | 'missing'
}

/** Sums the disjoint token meters of all inferences. Seconds, images, requests and storage are not tokens and are left out. */
export function tokenTotals(usage: Usage): TokenTotals {
  const totals: Totals = {
    inputTokens: 0,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    outputTokens: 0,
    reasoningTokens: 0,
    evidence: 'reported',
  }
  let assumed = false
  let missing = usage.inferences.length === 0
  for (const { meters, evidence } of usage.inferences) {
    for (const meter in meters) if (isTokenMeter(meter)) add(totals, meter, meters[meter as Meter] ?? 0)
    for (const meter in evidence) {
      if (!isTokenMeter(meter)) continue
      const known = evidence[meter as Meter]
      if (known === 'missing') missing = true
      if (known === 'assumed') assumed = true
    }
  }
  totals.evidence = missing ? 'missing' : assumed ? 'assumed' : 'reported'
  return totals
}

type Totals = { -readonly [K in keyof TokenTotals]: TokenTotals[K] }

function add(totals: Totals, meter: string, quantity: number): void {
  if (meter.startsWith('output')) totals.outputTokens += quantity
  else totals.inputTokens += quantity
  if (meter.startsWith('input.cache_read')) totals.cacheReadTokens += quantity
  else if (meter.startsWith('input.cache_write')) totals.cacheWriteTokens += quantity
  else if (meter === 'output.reasoning') totals.reasoningTokens += quantity
}

function isTokenMeter(meter: string): boolean {
  return (meter.startsWith('input') || meter.startsWith('output')) && meter !== 'input.cache_storage'
}

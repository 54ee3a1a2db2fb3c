import { type Evidence, METERS, type Meter, type Usage } from '../usage/index.ts'

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
  const totals = { inputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 0, reasoningTokens: 0 }
  const seen = new Set<Evidence>()
  for (const inference of usage.inferences) {
    for (const meter of METERS) {
      const quantity = inference.meters[meter]
      const evidence = inference.evidence[meter]
      if (!isTokenMeter(meter)) continue
      if (evidence !== undefined) seen.add(evidence)
      if (quantity === undefined) continue
      if (meter.startsWith('output')) totals.outputTokens += quantity
      else totals.inputTokens += quantity
      if (meter.startsWith('input.cache_read')) totals.cacheReadTokens += quantity
      if (meter.startsWith('input.cache_write')) totals.cacheWriteTokens += quantity
      if (meter === 'output.reasoning') totals.reasoningTokens += quantity
    }
  }
  const evidence = seen.has('missing') || usage.inferences.length === 0 ? 'missing' : seen.has('assumed') ? 'assumed' : 'reported'
  return { ...totals, evidence }
}

function isTokenMeter(meter: Meter): boolean {
  return (meter.startsWith('input') || meter.startsWith('output')) && meter !== 'input.cache_storage'
}

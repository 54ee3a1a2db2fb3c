import type { CacheEffect } from '../../../insights/index.ts'
import { type Picos, picos } from '../../../kernel/index.ts'
import { usdNumber } from '../../wire/measures-answer.ts'
import { exactText } from '../spent.ts'

const RATE_DECIMALS = 6

/** The sums as this family spells them; null: nothing of it is known. */
export function effectAnswer(effect: CacheEffect | null) {
  const net = effect === null ? null : picos(effect.semanticSavings - effect.embeddingCost)
  return {
    ...amount('cacheSavingsUsd', effect?.semanticSavings),
    ...amount('embeddingCostUsd', effect?.embeddingCost),
    ...amount('netRoiUsd', net),
    semanticCache: {
      hits: effect?.hits ?? null,
      misses: effect?.misses ?? null,
      hitRate: effect === null ? null : hitRate(effect),
      hitsOfUnknownSaving: effect?.hitsUnknown ?? null,
      hitsCharged: effect?.hitsCharged ?? null,
    },
    embeddings: { calls: effect?.embeddingCalls ?? null, unpricedCalls: effect?.embeddingUnpriced ?? null },
    gatewayCache: {
      exactHits: effect?.gatewayExactHits ?? null,
      semanticHits: effect?.gatewaySemanticHits ?? null,
      ...amount('savingsUsd', effect?.gatewaySavings),
      embeddingCalls: effect?.gatewayEmbeddings ?? null,
      ...amount('embeddingCostUsd', effect?.gatewayEmbeddingCost),
      ...amount('netUsd', effect === null ? null : picos(effect.gatewaySavings - effect.gatewayEmbeddingCost)),
    },
    promptCache: {
      ...amount('savingsUsd', effect?.promptSavings),
      calls: effect?.promptCalls ?? null,
      callsOfUnknownSaving: effect?.promptUnknown ?? null,
      cachedTokens: effect?.cachedTokens ?? null,
      writtenTokens: effect?.writtenTokens ?? null,
    },
  }
}

/** Why the amounts do not cover everything; null when they do. */
export function unknownIn(effect: CacheEffect): string | null {
  const reasons = [
    counted(effect.hitsUnknown, 'hits of the semantic cache say no tokens, or are of a model without a price'),
    counted(effect.embeddingUnpriced, 'embeddings have no price'),
    counted(effect.promptUnknown, 'calls with cached tokens have no complete price'),
  ].filter((reason) => reason !== null)
  return reasons.length === 0 ? null : reasons.join('; ')
}

function counted(count: number, what: string): string | null {
  return count === 0 ? null : `${count} ${what}`
}

function hitRate({ hits, misses }: CacheEffect): number | null {
  return hits + misses === 0 ? null : Number((hits / (hits + misses)).toFixed(RATE_DECIMALS))
}

function amount<N extends string>(name: N, value: Picos | null | undefined) {
  const known = value ?? null
  return { [name]: usdNumber(known), [`${name}Exact`]: exactText(known) } as { [K in N]: number | null } & {
    [K in `${N}Exact`]: string | null
  }
}

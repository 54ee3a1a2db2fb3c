import { type Picos, picos, ZERO } from '../../kernel/index.ts'
import type { CallRecord } from '../../ledger/index.ts'
import type { Charge } from '../../pricing/index.ts'
import type { Usage } from '../../usage/index.ts'
import { isEmbedding } from './embedding.ts'
import { cachedTokensOf, withoutCache } from './without-cache.ts'

/** What caches have saved and what embeddings have cost, over some calls. Every field is a sum. */
export interface CacheEffect {
  /** Calls that a cache of answers has answered, the gateway's or the caller's own, and calls that it could not. */
  readonly hits: number
  readonly misses: number
  /** Of the hits, those that do not say what they have spared, or whose model has no price; and those that were posted at a price all the same. */
  readonly hitsUnknown: number
  readonly hitsCharged: number
  /** What the hits would have cost, less what they did cost. */
  readonly semanticSavings: Picos
  readonly embeddingCalls: number
  readonly embeddingUnpriced: number
  readonly embeddingCost: Picos
  /** What of all that was the gateway's own cache: hits by an equal request and by one that means the same, and the embeddings made for it. */
  readonly gatewayExactHits: number
  readonly gatewaySemanticHits: number
  readonly gatewaySavings: Picos
  readonly gatewayEmbeddings: number
  readonly gatewayEmbeddingCost: Picos
  /** Calls with tokens in a provider's cache, and of them those whose price with or without it is not known. */
  readonly promptCalls: number
  readonly promptUnknown: number
  /** What those tokens would have cost as plain input, less what they did cost; below zero where writing cost more than reading saved. */
  readonly promptSavings: Picos
  readonly cachedTokens: number
  readonly writtenTokens: number
}

export const NO_EFFECT: CacheEffect = {
  hits: 0,
  misses: 0,
  hitsUnknown: 0,
  hitsCharged: 0,
  semanticSavings: ZERO,
  embeddingCalls: 0,
  embeddingUnpriced: 0,
  embeddingCost: ZERO,
  gatewayExactHits: 0,
  gatewaySemanticHits: 0,
  gatewaySavings: ZERO,
  gatewayEmbeddings: 0,
  gatewayEmbeddingCost: ZERO,
  promptCalls: 0,
  promptUnknown: 0,
  promptSavings: ZERO,
  cachedTokens: 0,
  writtenTokens: 0,
}

export function addEffects(one: CacheEffect, other: CacheEffect): CacheEffect {
  return {
    hits: one.hits + other.hits,
    misses: one.misses + other.misses,
    hitsUnknown: one.hitsUnknown + other.hitsUnknown,
    hitsCharged: one.hitsCharged + other.hitsCharged,
    semanticSavings: picos(one.semanticSavings + other.semanticSavings),
    embeddingCalls: one.embeddingCalls + other.embeddingCalls,
    embeddingUnpriced: one.embeddingUnpriced + other.embeddingUnpriced,
    embeddingCost: picos(one.embeddingCost + other.embeddingCost),
    gatewayExactHits: one.gatewayExactHits + other.gatewayExactHits,
    gatewaySemanticHits: one.gatewaySemanticHits + other.gatewaySemanticHits,
    gatewaySavings: picos(one.gatewaySavings + other.gatewaySavings),
    gatewayEmbeddings: one.gatewayEmbeddings + other.gatewayEmbeddings,
    gatewayEmbeddingCost: picos(one.gatewayEmbeddingCost + other.gatewayEmbeddingCost),
    promptCalls: one.promptCalls + other.promptCalls,
    promptUnknown: one.promptUnknown + other.promptUnknown,
    promptSavings: picos(one.promptSavings + other.promptSavings),
    cachedTokens: one.cachedTokens + other.cachedTokens,
    writtenTokens: one.writtenTokens + other.writtenTokens,
  }
}

/** A call, and what it has cost by now with all of its adjustments; null: unpriced. */
export interface PostedCall {
  readonly organization: string
  readonly call: CallRecord
  readonly charge: Charge
  readonly amount: Picos | null
}

/** Prices a usage by the rates of an organization that were known when a charge was made. */
export type PriceAgain = (usage: Usage, organization: string, knownAt: number) => Charge

/** The tag that says whether a cache has answered, and the one by which the gateway says how. */
const CACHE_TAG = 'cache'
const MATCH_TAG = 'cache_match'
/** What the gateway's own cache posts. */
const GATEWAY_CACHE = 'gateway:cache'

/**
 * What one call adds; null when it has to do with no cache and no embedding, as most have. Savings are computed by pricing the call again by the rates that it was
 * priced by, with its cache and without: both sides are amounts of ours, so that nothing but the cache makes the difference.
 */
export function cacheEffectOf(posted: PostedCall, price: PriceAgain): CacheEffect | null {
  const { call } = posted
  const said = call.tags[CACHE_TAG]?.toLowerCase()
  const tokens = cachedTokensOf(call.usage)
  const embeds = isEmbedding(call)
  const isHit = said === 'hit'
  if (!isHit && said !== 'miss' && !embeds && tokens.read === 0 && tokens.written === 0) return null
  let effect = NO_EFFECT
  if (isHit) effect = addEffects(effect, hitOf(posted, price))
  else {
    if (said === 'miss') effect = { ...effect, misses: 1 }
    if (tokens.read > 0 || tokens.written > 0) effect = addEffects(effect, promptOf(posted, tokens, price))
  }
  return ofGateway(posted, embeds ? addEffects(effect, embeddingOf(posted)) : effect, isHit)
}

function ofGateway({ call: { source, tags } }: PostedCall, effect: CacheEffect, isHit: boolean): CacheEffect {
  if (source !== GATEWAY_CACHE) return effect
  if (!isHit) return { ...effect, gatewayEmbeddings: effect.embeddingCalls, gatewayEmbeddingCost: effect.embeddingCost }
  const hit = tags[MATCH_TAG] === 'semantic' ? { gatewaySemanticHits: 1 } : { gatewayExactHits: 1 }
  return { ...effect, ...hit, gatewaySavings: effect.semanticSavings }
}

/** A hit was not sent to the model: it is reported with the tokens that it has spared and the cost that it had, mostly none. */
function hitOf({ organization, call, charge, amount }: PostedCall, price: PriceAgain): CacheEffect {
  const worth = saysTokens(call.usage) ? knownAmount(price(unattested(call.usage), organization, charge.knownAt)) : null
  if (worth === null || amount === null) return { ...NO_EFFECT, hits: 1, hitsUnknown: 1 }
  return { ...NO_EFFECT, hits: 1, hitsCharged: charge.status === 'attested' ? 0 : 1, semanticSavings: picos(worth - amount) }
}

function promptOf({ organization, call, charge }: PostedCall, tokens: { read: number; written: number }, price: PriceAgain): CacheEffect {
  const own = unattested(call.usage)
  // What was posted is what our rates say, unless the seller has stated its own amount.
  const cost = knownAmount(own === call.usage ? charge : price(own, organization, charge.knownAt))
  const plain = knownAmount(price(withoutCache(own), organization, charge.knownAt))
  const known = { ...NO_EFFECT, promptCalls: 1, cachedTokens: tokens.read, writtenTokens: tokens.written }
  return cost === null || plain === null ? { ...known, promptUnknown: 1 } : { ...known, promptSavings: picos(plain - cost) }
}

function embeddingOf({ amount }: PostedCall): CacheEffect {
  return { ...NO_EFFECT, embeddingCalls: 1, embeddingUnpriced: amount === null ? 1 : 0, embeddingCost: amount ?? ZERO }
}

function saysTokens({ inferences }: Usage): boolean {
  return inferences.some(({ meters }) => Object.values(meters).some((quantity) => quantity > 0))
}

/** By our rates, whatever its seller says. */
function unattested(usage: Usage): Usage {
  if (usage.attested === undefined) return usage
  const { attested: _, ...rest } = usage
  return rest
}

/** Of a part alone nothing can be compared. */
function knownAmount({ status, amount }: Charge): Picos | null {
  return status === 'unpriced' || status === 'partial' ? null : amount
}

import { BLOCK_TOKENS, type TracedRequest } from './mooncake.ts'

/** What a provider would have billed of a request's input. */
export interface CacheUse {
  readonly read: number
  readonly written: number
  /** Not in the cache and too short to be put there. */
  readonly plain: number
}

/**
 * The truth: a cache of prefixes in which a block lives for `ttlMs` after its last use, by anybody. A request reads its longest beginning that is there and
 * writes the rest of its full blocks. It knows blocks and nothing else; the estimator that it judges knows sessions and sums and no blocks.
 */
export function simulatePrefixCache(requests: readonly TracedRequest[], ttlMs: number): CacheUse[] {
  const usedAt = new Map<number, number>()
  return requests.map(({ atMs, inputTokens, blocks }) => {
    let found = 0
    for (const block of blocks) {
      const at = usedAt.get(block)
      if (at === undefined || atMs - at > ttlMs) break
      found += 1
    }
    for (const block of blocks) usedAt.set(block, atMs)
    const full = blocks.length * BLOCK_TOKENS
    return { read: found * BLOCK_TOKENS, written: full - found * BLOCK_TOKENS, plain: inputTokens - full }
  })
}

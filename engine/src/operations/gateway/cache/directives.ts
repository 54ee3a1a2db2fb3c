/** What a request says of the cache. It may only narrow what the policy allows: it never makes a call be cached that no policy caches. */
export interface CacheDirectives {
  /** Whether an answer that is kept may be given (RFC 9111, section 5.2.1.4: `no-cache`). */
  readonly reads: boolean
  /** Whether the answer may be kept (5.2.1.5: `no-store`). */
  readonly stores: boolean
  /** How old an answer may be (5.2.1.1: `max-age`); null: as old as the policy allows. */
  readonly maxAgeMs: number | null
}

/**
 * Reads `x-purser-cache` and `cache-control` of a request. As in HTTP, `no-store` keeps the answer from being kept and lets one be given that is there already;
 * both words together leave the cache out. What is not known is ignored, and so is an age that is none, except that it then allows none.
 */
export function cacheDirectives(...headers: readonly (string | readonly string[] | undefined)[]): CacheDirectives {
  let reads = true
  let stores = true
  let maxAgeMs: number | null = null
  const words = headers.flatMap((header) => header ?? []).flatMap((text) => text.split(','))
  for (const word of words) {
    const [name = '', value = ''] = word.split('=').map((part) => part.trim())
    const directive = name.toLowerCase()
    if (directive === 'no-cache') reads = false
    else if (directive === 'no-store') stores = false
    else if (directive === 'max-age') {
      const text = value.replace(/^"(.*)"$/, '$1')
      // RFC 9111, section 4.2.1: an invalid age counts as one that has passed.
      const age = /^\d{1,10}$/.test(text) ? Number(text) * 1_000 : 0
      maxAgeMs = maxAgeMs === null ? age : Math.min(maxAgeMs, age)
    }
  }
  return { reads, stores, maxAgeMs }
}

import { LRUCache } from 'lru-cache'
import type { Clock, Millis } from '../../../kernel/index.ts'
import type { Usage } from '../../../usage/index.ts'
import { similarity, type UnitVector } from './vector.ts'

/** An answer as its client was sent it, and what it had consumed. */
export interface CachedAnswer {
  readonly body: Uint8Array
  readonly contentType: string
  readonly usage: Usage
  readonly storedAt: Millis
  /** The call that was answered so first. */
  readonly callId: string
}

export interface Nearest {
  readonly answer: CachedAnswer
  readonly similarity: number
}

/**
 * Answers in memory: what was asked and answered is on no disk, and gone with the process. Bounded by bytes, the least lately used goes first, and by time.
 * Keys are hashes that hold the organization and who shares the answer; whoever has no equal key finds nothing.
 */
export interface ResponseCache {
  /** The answer under a key, at most so old. */
  find(key: string, maxAgeMs: number): CachedAnswer | null
  /** The nearest answer of a bucket that is at least so similar and at most so old; of equals the younger. */
  nearest(bucket: string, vector: UnitVector, threshold: number, maxAgeMs: number): Nearest | null
  /** Keeps an answer for a time. Without `turn` it is found by its key alone. False where it is larger than one may be. */
  keep(key: string, answer: CachedAnswer, ttlMs: number, turn?: { readonly bucket: string; readonly vector: UnitVector }): boolean
  /** Forgets what is too old: texts do not stay for want of a successor. */
  sweep(): void
  size(): { readonly answers: number; readonly bytes: number }
}

interface Kept {
  readonly answer: CachedAnswer
  readonly until: Millis
  readonly turn: { readonly bucket: string; readonly vector: UnitVector } | null
}

export interface CacheBounds {
  readonly bytesMax: number
  /** Vectors of a bucket are compared one by one: so many at most, the oldest gives way. */
  readonly bucketMax: number
}

/** What an entry takes beside its bytes, roughly: keys, usage and the records around them. */
const OVERHEAD_BYTES = 2_048
const FLOAT_BYTES = 4

export function createResponseCache(now: Clock, { bytesMax, bucketMax }: CacheBounds): ResponseCache {
  const buckets = new Map<string, Map<string, Kept>>()
  const leave = (key: string, { turn }: Kept): void => {
    if (turn === null) return
    const bucket = buckets.get(turn.bucket)
    bucket?.delete(key)
    if (bucket?.size === 0) buckets.delete(turn.bucket)
  }
  const kept = new LRUCache<string, Kept>({
    maxSize: bytesMax,
    sizeCalculation: sizeOf,
    dispose: (value, key) => leave(key, value),
    perf: { now },
    ttlResolution: 0,
  })
  return {
    find(key, maxAgeMs) {
      const found = kept.get(key)
      return found !== undefined && now() - found.answer.storedAt < maxAgeMs ? found.answer : null
    },
    nearest(bucket, vector, threshold, maxAgeMs) {
      let best: (Nearest & { readonly key: string }) | null = null
      const at = now()
      for (const [key, { answer, until, turn }] of buckets.get(bucket) ?? []) {
        if (at >= until || at - answer.storedAt >= maxAgeMs) continue
        const alike = turn === null ? null : similarity(vector, turn.vector)
        if (alike === null || alike < threshold) continue
        if (best === null || alike >= best.similarity) best = { answer, similarity: alike, key }
      }
      if (best === null) return null
      // Asked for by its key too, so that it counts as used.
      kept.get(best.key)
      return { answer: best.answer, similarity: best.similarity }
    },
    keep(key, answer, ttlMs, turn) {
      const entry: Kept = { answer, until: now() + ttlMs, turn: turn ?? null }
      if (sizeOf(entry, key) > bytesMax) return false
      kept.set(key, entry, { ttl: ttlMs })
      if (turn === undefined) return true
      const bucket = buckets.get(turn.bucket) ?? new Map<string, Kept>()
      buckets.set(turn.bucket, bucket)
      bucket.set(key, entry)
      const [oldest] = bucket.keys()
      if (bucket.size > bucketMax && oldest !== undefined) kept.delete(oldest)
      return true
    },
    sweep: () => void kept.purgeStale(),
    size: () => ({ answers: kept.size, bytes: kept.calculatedSize }),
  }
}

function sizeOf({ answer, turn }: Kept, key: string): number {
  return answer.body.byteLength + key.length + OVERHEAD_BYTES + (turn === null ? 0 : turn.vector.length * FLOAT_BYTES + turn.bucket.length)
}

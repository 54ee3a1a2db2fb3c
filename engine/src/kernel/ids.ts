import { v7 } from 'uuid'

/** Makes ids. An argument wherever ids are made, so that a seed replays a world. */
export type NewId = () => string

/** Random bytes for ids and keys; an argument for the same reason. */
export type RandomBytes = (count: number) => Uint8Array

/**
 * UUIDv7 (RFC 9562): ordered by time, so that new rows land at the end of an index.
 * The sequence number keeps ids of one millisecond in order. A clock that steps back does not take the ids with it:
 * they stay at the latest time seen until the clock has caught up.
 */
export function uuidv7Source(now: () => number, randomBytes: RandomBytes): NewId {
  let lastMs = 0
  let seq = 0
  return () => {
    const msecs = Math.max(now(), lastMs)
    seq = msecs === lastMs ? seq + 1 : 0
    lastMs = msecs
    return v7({ msecs, seq, random: randomBytes(16) })
  }
}

const POOL_BYTES = 4_096

/**
 * The same bytes, drawn from the source some thousand at a time: asking the system for sixteen costs more than posting a call. Bytes are handed
 * out once; the pool is not kept for anything that must stay secret longer than an id.
 */
export function pooledRandomBytes(source: RandomBytes): RandomBytes {
  let pool: Uint8Array = new Uint8Array(0)
  let used = 0
  return (count) => {
    if (count > POOL_BYTES) return source(count)
    if (used + count > pool.length) {
      pool = source(POOL_BYTES)
      used = 0
    }
    used += count
    return pool.subarray(used - count, used)
  }
}

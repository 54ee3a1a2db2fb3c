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

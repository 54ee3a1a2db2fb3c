import { type Counter, partOf } from '../payload/counters.ts'
import { type InferenceDraft, meterPart } from '../payload/draft.ts'
import type { JsonObject } from '../payload/json.ts'
import { addNote } from '../payload/notes.ts'
import { requestedTtls } from '../payload/request-ttl.ts'
import type { UsageNote } from '../usage.ts'

export interface CacheWrites {
  /** All written tokens: the sum of the lifetimes, never in addition to them. */
  readonly total: Counter
  readonly for5m: Counter
  readonly for1h: Counter
  readonly request: JsonObject | undefined
}

/**
 * Written tokens by lifetime (5 minutes or 1 hour, at different rates). A stream splits only what `message_start` had written; what
 * the server's loop wrote later has no split and takes the lifetime of the request. Without any word the default of 5 minutes is assumed.
 */
export function meterCacheWrites(inference: InferenceDraft, writes: CacheWrites, notes: UsageNote[]): void {
  const split = partOf(writes.for5m) + partOf(writes.for1h)
  const total = writes.total ?? split
  const for1h = Math.min(partOf(writes.for1h), total)
  const for5m = Math.min(partOf(writes.for5m), total - for1h)
  if (split > total) addNote(notes, 'counter_clamped', `${split} written tokens by lifetime exceed their total of ${total}`)
  meterPart(inference, 'input.cache_write_5m', for5m)
  meterPart(inference, 'input.cache_write_1h', for1h)
  const rest = total - for5m - for1h
  if (rest === 0) return
  const { is1h, certain } = lifetimeOfRest(for5m, for1h, writes.request)
  meterPart(inference, is1h ? 'input.cache_write_1h' : 'input.cache_write_5m', rest, 'derived')
  if (!certain)
    addNote(notes, 'cache_ttl_assumed', `the lifetime of ${rest} written tokens is not reported; taken as ${is1h ? '1 hour' : '5 minutes'}`)
}

function lifetimeOfRest(for5m: number, for1h: number, request: JsonObject | undefined): { is1h: boolean; certain: boolean } {
  const asked = requestedTtls(request)
  if (asked.has5m !== asked.has1h) return { is1h: asked.has1h, certain: true }
  if (for1h > 0 && for5m === 0) return { is1h: true, certain: false }
  // A request that is known and names no lifetime caches by the default.
  return { is1h: false, certain: request !== undefined && !asked.has1h && for1h === 0 }
}

import type { CallRow } from '../../calls/index.ts'
import type { Millis } from '../../kernel/index.ts'
import { requestOf } from './made.ts'

/** What a call does to the cache: its input is read from it, or written for those that read it later; null: neither. */
export type CacheRole = 'read' | 'write' | null

export const TTL_MS = { '5m': 300_000, '1h': 3_600_000 } as const

/**
 * Which calls would find their input in the cache, in the order of time. Each read keeps it warm for another time to live. The call before the first of
 * them writes it; a request that never comes again in time writes nothing. `assign` is told each role, a writer's when its first reader is seen.
 */
export function cacheRoles<T>(
  ttl: keyof typeof TTL_MS,
  assign: (call: T, role: 'read' | 'write') => void,
): (row: CallRow, call: T) => void {
  const warm = new Map<string, { at: Millis; writer: T | null }>()
  return (row, call) => {
    const request = requestOf(row)
    if (request === null) return
    const last = warm.get(request)
    if (last === undefined || row.at - last.at >= TTL_MS[ttl]) {
      warm.set(request, { at: row.at, writer: call })
      return
    }
    if (last.writer !== null) assign(last.writer, 'write')
    assign(call, 'read')
    warm.set(request, { at: row.at, writer: null })
  }
}

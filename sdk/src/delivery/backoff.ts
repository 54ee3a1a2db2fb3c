/** How long to wait before trying again. */
export interface BackoffLimits {
  readonly retryBaseMs: number
  readonly retryMaxMs: number
}

/** A server may ask for a longer pause than our own longest one, but not for ever. */
const RETRY_AFTER_MAX_MS = 300_000

/**
 * Exponential with jitter over the upper half, so that clients which failed together do not return together, and never sooner than the server asked.
 * `failures` counts from 1; `random` gives [0, 1).
 */
export function retryDelayMs(failures: number, afterMs: number | null, limits: BackoffLimits, random: () => number): number {
  const ceiling = Math.min(limits.retryMaxMs, limits.retryBaseMs * 2 ** Math.min(failures - 1, 30))
  const own = ceiling / 2 + (ceiling / 2) * random()
  return Math.round(Math.max(own, Math.min(afterMs ?? 0, RETRY_AFTER_MAX_MS)))
}

/** `Retry-After` (RFC 9110, 10.2.3): seconds or an HTTP date. Null when absent or unreadable. */
export function retryAfterMs(header: string | null, now: number): number | null {
  if (header === null) return null
  const text = header.trim()
  if (/^\d{1,9}(\.\d+)?$/.test(text)) return Number(text) * 1000
  const at = Date.parse(text)
  return Number.isNaN(at) ? null : Math.max(0, at - now)
}

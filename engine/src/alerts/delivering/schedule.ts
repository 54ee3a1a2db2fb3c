import { assert } from '../../kernel/index.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** How long after an attempt that failed the next one is made: the schedule that Standard Webhooks 1.0 recommends, the first at once. */
const DELAYS_MS: readonly number[] = [
  0,
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
]

/** Attempts of one delivery before it is given up. */
export const ATTEMPTS_MAX = DELAYS_MS.length

/** A tenth more at most, so that what failed together is not tried again together. Never less. */
const JITTER = 0.1

const RETRY_AFTER_MS_MAX = 24 * HOUR

/**
 * Milliseconds until the next attempt after so many have failed; null when there is none. `random` is from 0 up to 1. A receiver that asks to
 * be left alone for longer is, up to a day.
 */
export function retryDelayMs(failed: number, random: number, retryAfterMs: number | null): number | null {
  assert(failed >= 1 && random >= 0 && random < 1, 'a delay follows a failure')
  const delay = DELAYS_MS[failed]
  if (delay === undefined) return null
  const jittered = Math.floor(delay * (1 + JITTER * random))
  return retryAfterMs === null ? jittered : Math.max(jittered, Math.min(retryAfterMs, RETRY_AFTER_MS_MAX))
}

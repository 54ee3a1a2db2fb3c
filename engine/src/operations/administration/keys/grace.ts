import { fail, ok, type Result, refusal } from '../../../kernel/index.ts'

const HOUR_MS = 3_600_000
const GRACE_MS = 24 * HOUR_MS

/** How long replaced keys go on working: as it is said, in hours or in seconds; a day when it is not. */
export function graceOf(input: { readonly grace_hours?: number; readonly grace_seconds?: number }): Result<number> {
  const { grace_hours: hours, grace_seconds: seconds } = input
  if (hours !== undefined && seconds !== undefined) {
    return fail(refusal('invalid_field', 'say the grace period in hours or in seconds, not both', { path: '/grace_seconds' }))
  }
  if (seconds !== undefined) return ok(seconds * 1_000)
  return ok(hours === undefined ? GRACE_MS : Math.round(hours * HOUR_MS))
}

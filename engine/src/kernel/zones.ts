import { Temporal } from 'temporal-polyfill'

const ZONE_NAME = /^[A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+)*$/
const ZONES_KEPT_MAX = 4_096
const known = new Map<string, boolean>()

/**
 * Whether a text names an IANA time zone (`Europe/Berlin`, `UTC`). Bare offsets such as `+05:30` are not zones: the columnar
 * stores do not read them.
 */
export function isZone(text: string): boolean {
  const answer = known.get(text)
  if (answer !== undefined) return answer
  if (text.length > 64 || !ZONE_NAME.test(text)) return false
  const valid = isKnownToCalendar(text)
  if (known.size >= ZONES_KEPT_MAX) known.clear()
  known.set(text, valid)
  return valid
}

function isKnownToCalendar(text: string): boolean {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(text)
    return true
  } catch {
    return false
  }
}

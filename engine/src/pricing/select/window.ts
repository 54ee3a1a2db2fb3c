import { Temporal } from 'temporal-polyfill'
import type { Millis } from '../../kernel/index.ts'
import type { When } from '../records.ts'

export type Window = NonNullable<When['window']>

/**
 * Whether a time falls into a daily window of local time. `from` is included, `to` is not; a window whose `to` is not after its `from` runs over
 * midnight and belongs to the weekday it began on (ISO: 1 is Monday). Local time follows the zone's own clock through daylight saving changes.
 */
export function inWindow(window: Window, at: Millis): boolean {
  const local = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(window.zone)
  const minute = local.hour * 3600 + local.minute * 60 + local.second
  const from = secondsOfDay(window.from)
  const to = secondsOfDay(window.to)
  const overMidnight = to <= from
  const inside = overMidnight ? minute >= from || minute < to : minute >= from && minute < to
  if (!inside || window.days === undefined) return inside
  const startedYesterday = overMidnight && minute < to
  const day = startedYesterday ? ((local.dayOfWeek + 5) % 7) + 1 : local.dayOfWeek
  return window.days.includes(day)
}

/** `"HH:MM"` or `"HH:MM:SS"` → seconds since local midnight; null when it is not a time of day. */
export function timeOfDay(text: string): number | null {
  const match = /^([01]\d|2[0-4]):([0-5]\d)(?::([0-5]\d))?$/.exec(text)
  if (match === null) return null
  const seconds = Number(match[1]) * 3600 + Number(match[2]) * 60 + Number(match[3] ?? 0)
  return seconds <= 86_400 ? seconds : null
}

function secondsOfDay(text: string): number {
  return timeOfDay(text) ?? 0
}

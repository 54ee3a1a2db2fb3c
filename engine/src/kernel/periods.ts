import { Temporal } from 'temporal-polyfill'
import type { Millis } from './clock.ts'
import { refusal } from './errors.ts'
import { fail, ok, type Result } from './result.ts'
import { isZone } from './zones.ts'

/** Calendar periods of a zone. Weeks are ISO weeks: they start on Monday. */
export const CALENDAR_UNITS = ['hour', 'day', 'week', 'month', 'quarter', 'year'] as const
export type CalendarUnit = (typeof CALENDAR_UNITS)[number]

/** What a budget or a report counts over. `rolling` is a window of fixed length that ends with the time asked about. */
export type Period = { readonly unit: CalendarUnit | 'total' } | { readonly unit: 'rolling'; readonly lengthMs: number }

/** A stretch of time, half open: `start` belongs to it, `end` does not. */
export interface Span {
  readonly start: Millis
  readonly end: Millis
}

/** The first and last time that a `Date` can hold, so that the span of `total` can be printed like any other. */
export const ALL_TIME: Span = { start: -8_640_000_000_000_000, end: 8_640_000_000_000_000 }

const HOUR_MS = 3_600_000
const SPANS_KEPT_MAX = 4_096

/** The last span of each unit and zone. Calls arrive in the order of time, so most of them fall into the span of the one before. */
const lastSpans = new Map<string, Span>()

/**
 * The period that a time falls into, in an IANA zone. Spans of one unit and zone never overlap and leave no gap, whatever the zone does:
 * `start <= at < end` always holds, and `end` is the start of the next. Refuses an unknown zone (`invalid_period`) and a time
 * outside the calendar (`invalid_time`).
 */
export function periodAt(period: Period, at: Millis, zone: string): Result<Span> {
  if (!isZone(zone)) return fail(refusal('invalid_period', `"${zone}" is not an IANA time zone`))
  if (!Number.isSafeInteger(at) || at < YEAR_1 || at >= YEAR_9999) {
    return fail(refusal('invalid_time', 'the time is outside the years 1 to 9998'))
  }
  if (period.unit === 'total') return ok(ALL_TIME)
  if (period.unit === 'rolling') return ok({ start: at + 1 - period.lengthMs, end: at + 1 })

  const key = `${period.unit} ${zone}`
  const last = lastSpans.get(key)
  if (last !== undefined && last.start <= at && at < last.end) return ok(last)
  const span = spanAt(period.unit, at, zone)
  if (lastSpans.size >= SPANS_KEPT_MAX) lastSpans.clear()
  lastSpans.set(key, span)
  return ok(span)
}

/** The days and hours of UTC are all of one length, and asked for by the month; any other span takes the calendar. */
function spanAt(unit: CalendarUnit, at: Millis, zone: string): Span {
  if (zone === 'UTC' && (unit === 'day' || unit === 'hour')) {
    const lengthMs = unit === 'day' ? 24 * HOUR_MS : HOUR_MS
    const start = Math.floor(at / lengthMs) * lengthMs
    return { start, end: start + lengthMs }
  }
  return unit === 'hour' ? hourAt(at, zone) : calendarSpanAt(unit, at, zone)
}

const YEAR_1 = -62_135_596_800_000
const YEAR_9999 = 253_370_764_800_000

/**
 * An hour of local time. Where the clocks are moved by less than an hour (Lord Howe Island) the hour is cut at the move,
 * so that no instant is in two hours. An hour that happens twice is two hours.
 */
function hourAt(at: Millis, zone: string): Span {
  const offsetMs = offsetMsAt(at, zone)
  const start = Math.floor((at + offsetMs) / HOUR_MS) * HOUR_MS - offsetMs
  const end = start + HOUR_MS
  const movedBefore = offsetMsAt(start, zone) !== offsetMs ? transition(at, zone, 'previous') : null
  const movedAfter = offsetMsAt(end - 1, zone) !== offsetMs ? transition(at, zone, 'next') : null
  return { start: Math.max(start, movedBefore ?? start), end: Math.min(end, movedAfter ?? end) }
}

function offsetMsAt(at: Millis, zone: string): number {
  return zoned(at, zone).offsetNanoseconds / 1e6
}

/** The nearest change of the zone's offset: the last one at or before a time, or the first one after it. */
function transition(at: Millis, zone: string, direction: 'previous' | 'next'): Millis | null {
  const from = zoned(direction === 'previous' ? at + 1 : at, zone)
  return from.getTimeZoneTransition(direction)?.epochMilliseconds ?? null
}

function calendarSpanAt(unit: Exclude<CalendarUnit, 'hour'>, at: Millis, zone: string): Span {
  let first = firstDay(zoned(at, zone).toPlainDate(), unit)
  // Clocks moved back over midnight bring a local date a second time; those minutes belong to the span that has already begun.
  while (startOfDay(nextFirstDay(first, unit), zone) <= at) first = nextFirstDay(first, unit)
  return { start: startOfDay(first, zone), end: startOfDay(nextFirstDay(first, unit), zone) }
}

function firstDay(date: Temporal.PlainDate, unit: Exclude<CalendarUnit, 'hour'>): Temporal.PlainDate {
  switch (unit) {
    case 'day':
      return date
    case 'week':
      return date.subtract({ days: date.dayOfWeek - 1 })
    case 'month':
      return date.with({ day: 1 })
    case 'quarter':
      return date.with({ month: date.month - ((date.month - 1) % 3), day: 1 })
    case 'year':
      return date.with({ month: 1, day: 1 })
  }
}

const STEPS = {
  day: { days: 1 },
  week: { weeks: 1 },
  month: { months: 1 },
  quarter: { months: 3 },
  year: { years: 1 },
} as const

function nextFirstDay(first: Temporal.PlainDate, unit: Exclude<CalendarUnit, 'hour'>): Temporal.PlainDate {
  return first.add(STEPS[unit])
}

/** The first instant of a local date, which is not always midnight: where the clocks skip midnight the day begins later. */
function startOfDay(date: Temporal.PlainDate, zone: string): Millis {
  return date.toZonedDateTime({ timeZone: zone }).epochMilliseconds
}

function zoned(at: Millis, zone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone)
}

const HOURS_OF_WEEK = 168
/** 1970 began on a Thursday. */
const THURSDAY_HOUR = 72

/**
 * The hour of the local week that a time is in: 0 for Monday 00:00 to 01:00, 167 for Sunday 23:00. What the clock shows counts: an hour that
 * happens twice has one number, one that is skipped has none. The zone must be known.
 */
export function hourOfWeek(at: Millis, zone: string): number {
  const offsetMs = zone === 'UTC' ? 0 : offsetMsAt(at, zone)
  const hour = (Math.floor((at + offsetMs) / HOUR_MS) + THURSDAY_HOUR) % HOURS_OF_WEEK
  return hour < 0 ? hour + HOURS_OF_WEEK : hour
}

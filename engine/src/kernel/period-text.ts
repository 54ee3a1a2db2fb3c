import { Temporal } from 'temporal-polyfill'
import type { Millis } from './clock.ts'
import { refusal } from './errors.ts'
import { LIMITS } from './limits.ts'
import { CALENDAR_UNITS, type Period, type Span } from './periods.ts'
import { fail, ok, type Result } from './result.ts'
import { isZone } from './zones.ts'

const DAY_MS = 86_400_000
const ROLLING = /^rolling:([1-9]\d{0,4})(min|h|d)$/
const RANGE = /^([1-9]\d{0,4})(min|h|d|w|mo|y)$/
const ROLLING_UNIT_MS = { min: 60_000, h: 3_600_000, d: DAY_MS } as const

/**
 * Reads a period: `hour`, `day`, `week`, `month`, `quarter`, `year`, `total`, or a rolling window such as `rolling:24h`,
 * `rolling:30min`, `rolling:7d` (days of 24 hours). Anything else is refused with `invalid_period`.
 */
export function parsePeriod(text: string): Result<Period> {
  if (text === 'total') return ok({ unit: 'total' })
  const unit = CALENDAR_UNITS.find((name) => name === text)
  if (unit !== undefined) return ok({ unit })
  const match = ROLLING.exec(text)
  if (match !== null) {
    const lengthMs = Number(match[1]) * ROLLING_UNIT_MS[match[2] as keyof typeof ROLLING_UNIT_MS]
    if (lengthMs <= LIMITS.pastDaysMax * DAY_MS) return ok({ unit: 'rolling', lengthMs })
  }
  return fail(refusal('invalid_period', `"${text}" is not a period; one is for example day, month or rolling:24h`))
}

/** The text that `parsePeriod` reads back to the same period. */
export function formatPeriod(period: Period): string {
  if (period.unit !== 'rolling') return period.unit
  const [name, unitMs] = (['d', 'h', 'min'] as const)
    .map((unit) => [unit, ROLLING_UNIT_MS[unit]] as const)
    .find(([, ms]) => period.lengthMs % ms === 0) ?? ['min', 60_000]
  return `rolling:${period.lengthMs / unitMs}${name}`
}

/** The ISO 8601 week of a time in a zone, such as `2026-W47`: the year is the one that has most of its days. */
export function isoWeekOf(at: Millis, zone: string): string {
  const { yearOfWeek, weekOfYear } = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone)
  return `${yearOfWeek}-W${String(weekOfYear).padStart(2, '0')}`
}

/**
 * The span a relative range such as `24h`, `7d`, `4w`, `6mo` or `1y` stands for: from that long ago up to and including `now`.
 * Minutes and hours are exact; days, weeks, months and years are steps of the zone's calendar to the same time of day, so `1d` is
 * 23 or 25 hours across a change of the clocks, and `1mo` before 31 March is the last of February. Refused with `invalid_period`.
 */
export function relativeRange(text: string, now: Millis, zone: string): Result<Span> {
  if (!isZone(zone)) return fail(refusal('invalid_period', `"${zone}" is not an IANA time zone`))
  const match = RANGE.exec(text)
  if (match === null) return fail(refusal('invalid_period', `"${text}" is not a range; one is for example 24h, 7d or 6mo`))
  const back = backOf(Number(match[1]), match[2] as RangeUnit)
  const start = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(zone).subtract(back).epochMilliseconds
  if (now - start > LIMITS.pastDaysMax * DAY_MS) {
    return fail(refusal('invalid_period', `"${text}" is longer than the ${LIMITS.pastDaysMax} days that calls can lie back`))
  }
  return ok({ start, end: now + 1 })
}

type RangeUnit = 'min' | 'h' | 'd' | 'w' | 'mo' | 'y'

function backOf(count: number, unit: RangeUnit): Temporal.DurationLike {
  switch (unit) {
    case 'min':
      return { minutes: count }
    case 'h':
      return { hours: count }
    case 'd':
      return { days: count }
    case 'w':
      return { weeks: count }
    case 'mo':
      return { months: count }
    case 'y':
      return { years: count }
  }
}

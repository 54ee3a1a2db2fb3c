import type { DailyPeriod } from '@purser/contract'
import { bucketLabel } from '../../insights/index.ts'
import {
  assert,
  type CalendarUnit,
  fail,
  LIMITS,
  type Millis,
  ok,
  parseInstant,
  periodAt,
  type Result,
  refusal,
  type Span,
} from '../../kernel/index.ts'

const DAY_MS = 86_400_000
const DAYS: Readonly<Record<DailyPeriod, number>> = { '7d': 7, '30d': 30, '90d': 90 }
export const PERIOD_DEFAULT: DailyPeriod = '30d'

/** A stretch of whole local days. */
export interface LocalDays extends Span {
  /** Every date in it, the first to the last. */
  readonly dates: readonly string[]
}

/** So many days up to and including today. */
export function lastDays(period: DailyPeriod, now: Millis, zone: string): LocalDays {
  const today = spanAt('day', now, zone)
  let first = today
  for (let count = 1; count < DAYS[period]; count++) first = spanAt('day', first.start - 1, zone)
  return daysOf({ start: first.start, end: today.end }, zone)
}

/** The month so far, with the whole of today. */
export function monthSoFar(now: Millis, zone: string): LocalDays {
  return daysOf({ start: spanAt('month', now, zone).start, end: spanAt('day', now, zone).end }, zone)
}

export function daysOf({ start, end }: Span, zone: string): LocalDays {
  const dates: string[] = []
  for (let at = start; at < end; at = spanAt('day', at, zone).end) dates.push(bucketLabel(at, 'day', zone))
  return { start, end, dates }
}

export function spanAt(unit: CalendarUnit, at: Millis, zone: string): Span {
  const span = periodAt({ unit }, at, zone)
  assert(span.ok, 'zones are checked when they are declared, and the clock lies within the calendar')
  return span.value
}

/** The first millisecond of a date as if it were one of UTC: by this, reports are in the order of their dates whatever the zone. */
export function orderOf(date: string): Millis {
  return Date.parse(`${date}T00:00:00Z`)
}

/** A date that exists, that calls could lie on, and that is tomorrow at the latest: a reporter's zone may be ahead. */
export function reportedDate(date: string, now: Millis, zone: string): Result<string> {
  const at = parseInstant(`${date}T00:00:00Z`)
  const where = { path: '/date' }
  if (at === null) return fail(refusal('invalid_time', `"${date}" is not a day that exists`, where))
  const today = bucketLabel(now, 'day', zone)
  if (at > orderOf(today) + DAY_MS) {
    return fail(refusal('invalid_time', `"${date}" has not begun anywhere: in ${zone} it is ${today}`, where))
  }
  if (at < orderOf(today) - LIMITS.pastDaysMax * DAY_MS) {
    return fail(refusal('invalid_time', `"${date}" lies more than ${LIMITS.pastDaysMax} days back`, where))
  }
  return ok(date)
}

import {
  assert,
  type CalendarUnit,
  fail,
  type Millis,
  ok,
  parseInstant,
  periodAt,
  type Result,
  refusal,
  type Span,
} from '../../../kernel/index.ts'

const DAY_MS = 86_400_000
const ZONE = 'UTC'

/** The stretch from the beginning of one UTC day to the end of another; a day that is not said leaves that side open. */
export function daysBetween(first: string | undefined, last: string | undefined): Result<{ from?: Millis; to?: Millis }> {
  const from = dayStart(first, '/start_date')
  if (!from.ok) return from
  const until = dayStart(last, '/end_date')
  if (!until.ok) return until
  if (from.value !== null && until.value !== null && until.value < from.value) {
    return fail(refusal('invalid_period', 'the last day lies before the first', { path: '/end_date' }))
  }
  return ok({
    ...(from.value === null ? {} : { from: from.value }),
    ...(until.value === null ? {} : { to: until.value + DAY_MS }),
  })
}

/** The calendar period in UTC that a time lies in. */
export function periodNow(unit: CalendarUnit, now: Millis, zone: string = ZONE): Span {
  const span = periodAt({ unit }, now, zone)
  assert(span.ok, 'the clock lies within the calendar, and zones are checked when they are set')
  return span.value
}

/** The UTC day of an instant, 2026-11-22. */
export function dayText(at: Millis): string {
  return new Date(at).toISOString().slice(0, 10)
}

function dayStart(text: string | undefined, path: string): Result<Millis | null> {
  if (text === undefined) return ok(null)
  const at = parseInstant(`${text}T00:00:00Z`)
  return at === null ? fail(refusal('invalid_time', `"${text}" is not a day that exists`, { path })) : ok(at)
}

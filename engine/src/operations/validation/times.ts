import { fail, formatInstant, LIMITS, type Millis, ok, parseInstant, type Result, refusal } from '../../kernel/index.ts'

const DAY_MS = 86_400_000
const DATE = /^\d{4}-\d{2}-\d{2}$/

/** A time that a caller states for something that happened: it must exist and lie within what can be reported. */
export function reportedTime(text: string, now: Millis, path = '/timestamp'): Result<Millis> {
  const at = parseInstant(text)
  if (at === null) return fail(refusal('invalid_time', `"${text}" is not an RFC 3339 time that exists`, { path }))
  if (at > now + LIMITS.futureMsMax) {
    return fail(
      refusal(
        'invalid_time',
        `"${text}" lies more than ${LIMITS.futureMsMax / 3_600_000} hours ahead of this server's ${formatInstant(now)}`,
        { path },
      ),
    )
  }
  if (at < now - LIMITS.pastDaysMax * DAY_MS) {
    return fail(refusal('invalid_time', `"${text}" lies more than ${LIMITS.pastDaysMax} days back`, { path }))
  }
  return ok(at)
}

/** `anyTime`, where the field may be left out. */
export function timeOr<T>(text: string | null | undefined, path: string, otherwise: T): Result<Millis | T> {
  return text === undefined || text === null ? ok(otherwise) : anyTime(text, path)
}

/** Any time that exists: a bound of a question, the start of a price. A bare date is midnight UTC. */
export function anyTime(text: string, path: string): Result<Millis> {
  const at = parseInstant(DATE.test(text) ? `${text}T00:00:00Z` : text)
  return at === null ? fail(refusal('invalid_time', `"${text}" is not an RFC 3339 time or date that exists`, { path })) : ok(at)
}

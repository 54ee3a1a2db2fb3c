import { fail, LIMITS, type Millis, ok, type Picos, parseInstant, picos, type Result, refusal } from '../../kernel/index.ts'

/** What a day has cost, as someone states it. `path` points to it. */
export interface StatedDay {
  readonly date: string
  readonly amount: Picos
  readonly path: string
}

/** Days in a row, from the first that was stated. A day is named by its midnight in UTC, whatever zone it was counted in. */
export interface DatedSeries {
  readonly first: Millis
  readonly amounts: readonly Picos[]
  /** Days in between that were not stated, and are zero. */
  readonly filled: number
}

export const DAY_MS = 86_400_000

/**
 * Stated days in any order as a series without gaps, up to and with `last`. Refused are a date that does not exist, one that is there twice, one
 * after `last`, and a series that would be longer than calls can lie back.
 */
export function datedSeries(days: readonly StatedDay[], last: Millis): Result<DatedSeries> {
  const known = new Map<Millis, Picos>()
  for (const { date, amount, path } of days) {
    const at = dayOf(date, path)
    if (!at.ok) return at
    if (known.has(at.value)) return fail(refusal('invalid_field', `${date} is there twice: which of the two is it?`, { path }))
    if (at.value > last) return fail(refusal('invalid_time', `${date} lies after ${dateText(last)}, up to which the series goes`, { path }))
    known.set(at.value, amount)
  }
  const first = Math.min(last + DAY_MS, ...known.keys())
  const count = (last - first) / DAY_MS + 1
  if (count > LIMITS.pastDaysMax) {
    return fail(
      refusal('invalid_time', `from ${dateText(first)} to ${dateText(last)} are ${count} days; the limit is ${LIMITS.pastDaysMax}`, {
        path: '/series',
      }),
    )
  }
  const amounts = Array.from({ length: count }, (_, day) => known.get(first + day * DAY_MS) ?? picos(0n))
  return ok({ first, amounts, filled: count - known.size })
}

/** A date that exists, as its midnight in UTC. */
export function dayOf(date: string, path: string): Result<Millis> {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(date) ? parseInstant(`${date}T00:00:00Z`) : null
  return at === null ? fail(refusal('invalid_time', `"${date}" is not a date that exists`, { path })) : ok(at)
}

export function dateText(day: Millis): string {
  return new Date(day).toISOString().slice(0, 10)
}

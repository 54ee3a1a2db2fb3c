/** Milliseconds since 1970-01-01T00:00:00Z. All times inside the engine; text only on the wire. */
export type Millis = number

/** The clock, an argument wherever time is read. */
export type Clock = () => Millis

const RFC3339 = /^\d{4}-\d{2}-\d{2}[Tt ](?:[01]\d|2[0-3]):\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:[Zz]|[+-]\d{2}:?\d{2})?$/

/**
 * Reads an RFC 3339 time, or one without offset taken as UTC (what LiteLLM and Python's `isoformat` write); null for impossible dates.
 */
export function parseInstant(text: string): Millis | null {
  if (!RFC3339.test(text)) return null
  const hasZone = /(?:[Zz]|[+-]\d{2}:?\d{2})$/.test(text.slice(10))
  const ms = Date.parse(hasZone ? text : `${text}Z`)
  if (Number.isNaN(ms)) return null
  // Date.parse rolls 2026-02-30 over into March; a day that does not exist is an error, not another day.
  const day = Number(text.slice(8, 10))
  return day >= 1 && day <= daysInMonth(Number(text.slice(0, 4)), Number(text.slice(5, 7))) ? ms : null
}

/** Gregorian, for any year; `Date.UTC` reads the years 0 to 99 as 1900 to 1999. */
function daysInMonth(year: number, month: number): number {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  if (month === 2) return leap ? 29 : 28
  return [4, 6, 9, 11].includes(month) ? 30 : 31
}

export function formatInstant(at: Millis): string {
  return new Date(at).toISOString()
}

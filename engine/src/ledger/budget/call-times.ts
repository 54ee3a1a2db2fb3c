import type { Millis } from '../../kernel/index.ts'
import type { TimeRange } from '../ports.ts'
import type { JournalEntry } from '../records.ts'

/** Times of the first and last call among some entries. */
export interface CallTimes {
  readonly earliest: Millis
  readonly latest: Millis
}

/**
 * The times of some calls and of one entry more. A call has the time at which it happened by its own account, and, where it was held for, the one at which
 * it counts in budgets: who looks for either finds it. Null while there is no call.
 */
export function withTimesOf(times: CallTimes | null, { event, settled }: JournalEntry): CallTimes | null {
  if (event.kind !== 'call') return times
  const { at } = event.call
  const counted = settled?.at ?? at
  if (times === null) return { earliest: Math.min(at, counted), latest: Math.max(at, counted) }
  const { earliest, latest } = times
  if (at >= earliest && at <= latest && counted >= earliest && counted <= latest) return times
  return { earliest: Math.min(earliest, at, counted), latest: Math.max(latest, at, counted) }
}

/** Whether an entry is a call that happened in a range or counts in it. */
export function isCallIn({ from, to }: TimeRange, { event, settled }: JournalEntry): boolean {
  if (event.kind !== 'call') return false
  const { at } = event.call
  const counted = settled?.at ?? at
  return (at >= from && at < to) || (counted >= from && counted < to)
}

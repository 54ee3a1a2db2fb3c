import { type AggregateQuery, QueryFault } from '../../../calls/index.ts'
import { type Millis, periodAt } from '../../../kernel/index.ts'
import { DAY_MS, HOUR_MS } from './rollup.ts'

/** Buckets of local time as a table to join: every tick of `tickMs` in the range belongs to the bucket that starts at its `start`. */
export interface Buckets {
  readonly starts: readonly Millis[]
  readonly ends: readonly Millis[]
  /** Every boundary is a multiple of it. A whole hour or day: rollups of that size can be put into the buckets. */
  readonly tickMs: number
  /** Each bucket is one tick, as the days of UTC are: then no table need be joined to tell which bucket a tick is in. */
  readonly areTicks: boolean
}

const TICKS_MAX = 1_000_000

/** Cuts `[from, to)` into the zone's periods, by the kernel's rule. Faults when a zone or range is beyond reason. */
export function bucketsOf(bucket: NonNullable<AggregateQuery['bucket']>, from: Millis, to: Millis): Buckets {
  const starts: Millis[] = []
  const ends: Millis[] = []
  let tickMs = DAY_MS
  for (let at = from; at < to; ) {
    const span = periodAt({ unit: bucket.period }, at, bucket.zone)
    if (!span.ok) throw new QueryFault('query_failed', span.error.detail)
    starts.push(span.value.start)
    ends.push(span.value.end)
    tickMs = greatestCommonDivisor(greatestCommonDivisor(tickMs, Math.abs(span.value.start)), Math.abs(span.value.end))
    at = span.value.end
    if (starts.length > TICKS_MAX || (to - from) / tickMs > TICKS_MAX) {
      throw new QueryFault('query_limit', 'the range has too many buckets; ask for a shorter range or longer buckets')
    }
  }
  return { starts, ends, tickMs, areTicks: starts.every((start, index) => (ends[index] ?? start) - start === tickMs) }
}

/** The join table: one row a tick. `starts` and `ends` are placeholders of the lists. */
export function bucketTable(tickMs: number, starts: string, ends: string): string {
  return `(SELECT start, unnest(range(start // ${tickMs}, stop // ${tickMs})) AS tick
    FROM (SELECT unnest(${starts}::BIGINT[]) AS start, unnest(${ends}::BIGINT[]) AS stop))`
}

/** The coarsest rollup that a bucket of this tick may be made of; null: none, only raw rows. */
export function rollupPeriodFor(tickMs: number): 'day' | 'hour' | null {
  if (tickMs % DAY_MS === 0) return 'day'
  return tickMs % HOUR_MS === 0 ? 'hour' : null
}

function greatestCommonDivisor(left: number, right: number): number {
  return right === 0 ? left : greatestCommonDivisor(right, left % right)
}

import type { AggregateRow, CallQuery, CallStore, Dimension, Measures } from '../../calls/index.ts'
import type { Millis } from '../../kernel/index.ts'

/** Rows that one query of a report gives at most, unless a single bucket has more; no group has fewer calls than one. */
const REPORT_CHUNK_ROWS_MAX = 20_000

export interface ReportQuestion extends CallQuery {
  readonly groupBy: readonly Dimension[]
  /** `none`: one row per group over the whole time. */
  readonly bucket: 'hour' | 'day' | 'week' | 'month' | 'none'
  readonly zone: string
}

export interface ReportRow extends Measures {
  /** First instant of the bucket; null for `none`. */
  readonly bucketStart: Millis | null
  /** One value per `groupBy`, in its order; null: calls that do not say. */
  readonly keys: readonly (string | null)[]
}

/**
 * The rows of a cost report: oldest bucket first, dearest group first. A report of few rows is one query. Those of a long one are read some
 * buckets at a time and handed on as they come, so that it needs little memory whatever its length; who needs the total sums what it passes on.
 * Every call is in exactly one row.
 */
export async function* reportRows(
  store: CallStore,
  question: ReportQuestion,
  chunkRowsMax: number = REPORT_CHUNK_ROWS_MAX,
): AsyncGenerator<ReportRow> {
  const { groupBy, bucket, zone, ...query } = question
  if (bucket === 'none') {
    const rows = await store.aggregate({ ...query, groupBy, orderBy: 'cost' })
    yield* rows.filter(hasSomething).map(rowOf)
    return
  }
  const grouped = { groupBy, bucket: { period: bucket, zone }, orderBy: 'cost' } as const
  const first = await store.aggregate({ ...query, ...grouped, limit: chunkRowsMax + 1 })
  if (first.length <= chunkRowsMax) {
    yield* inOrder(first)
    return
  }
  const buckets = await store.aggregate({ ...query, groupBy: [], bucket: grouped.bucket, orderBy: 'key' })
  for (const span of chunks(buckets, question, chunkRowsMax)) {
    yield* inOrder(await store.aggregate({ ...withoutSpan(query), ...span, ...grouped }))
  }
}

function inOrder(rows: readonly AggregateRow[]): ReportRow[] {
  return rows.filter(hasSomething).map(rowOf).sort(byBucketThenCost)
}

type Span = Pick<CallQuery, 'from' | 'to'>

/**
 * Cuts the time into spans at starts of buckets that have rows. The first span keeps the question's own start and the last its end,
 * so together they cover exactly what was asked, whatever arrives in between.
 */
function chunks(buckets: readonly AggregateRow[], question: Span, callsMax: number): Span[] {
  const sorted = buckets.flatMap((row) => (row.bucketStart === undefined ? [] : [{ start: row.bucketStart, calls: row.calls }]))
  sorted.sort((left, right) => left.start - right.start)
  const cuts: Millis[] = []
  let calls = 0
  sorted.forEach((bucket, index) => {
    if (index > 0 && calls + bucket.calls > callsMax) {
      cuts.push(bucket.start)
      calls = 0
    }
    calls += bucket.calls
  })
  const starts = [question.from, ...cuts]
  const ends = [...cuts, question.to]
  return starts.map((from, index) => spanOf(from, ends[index]))
}

function spanOf(from: Millis | undefined, to: Millis | undefined): Span {
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }
}

function withoutSpan<Query extends Span>(query: Query): Omit<Query, 'from' | 'to'> {
  const { from: _from, to: _to, ...rest } = query
  return rest
}

/** The sums over no rows are not a row of a report. An adjustment alone (no calls, some cost) is. */
function hasSomething(row: AggregateRow): boolean {
  return row.calls !== 0 || row.cost !== 0n || row.unpriced !== 0 || row.uncertain !== 0 || row.unmetered !== 0
}

function rowOf(row: AggregateRow): ReportRow {
  const { bucketStart, ...rest } = row
  return { ...rest, bucketStart: bucketStart ?? null }
}

function byBucketThenCost(left: ReportRow, right: ReportRow): number {
  const byBucket = (left.bucketStart ?? 0) - (right.bucketStart ?? 0)
  if (byBucket !== 0 || left.cost === right.cost) return byBucket
  return left.cost > right.cost ? -1 : 1
}

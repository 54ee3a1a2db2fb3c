import { assert, type Millis, periodAt } from '../../kernel/index.ts'
import { dimensionOf } from '../dimensions.ts'
import { addMeasures, measuresOfRow, tokensOf, ZERO_MEASURES } from '../measures.ts'
import type { AggregateQuery, AggregateRow, RowQuery } from '../ports.ts'
import type { CallRow } from '../records.ts'
import { compare, compareText } from './rows.ts'

/** Groups with their sums. No `groupBy` and no bucket gives exactly one row, all zeros over an empty history, as SQL does. */
export function aggregate(calls: readonly CallRow[], query: AggregateQuery): AggregateRow[] {
  const groups = new Map<string, AggregateRow>()
  if (query.groupBy.length === 0 && query.bucket === undefined) groups.set('[[],null]', { keys: [], ...ZERO_MEASURES })
  for (const row of calls) {
    const keys = query.groupBy.map((dimension) => dimensionOf(row, dimension))
    const bucketStart = query.bucket === undefined ? null : bucketOf(row.at, query.bucket)
    const id = JSON.stringify([keys, bucketStart])
    const sums = addMeasures(groups.get(id) ?? ZERO_MEASURES, measuresOfRow(row))
    groups.set(id, { keys, ...(bucketStart === null ? {} : { bucketStart }), ...sums })
  }
  return [...groups.values()].sort(aggregateOrder(query.orderBy)).slice(0, query.limit)
}

function bucketOf(at: Millis, bucket: NonNullable<AggregateQuery['bucket']>): Millis {
  const span = periodAt({ unit: bucket.period }, at, bucket.zone)
  assert(span.ok, 'the zone and the time of a bucket are checked before they are asked about')
  return span.value.start
}

/** Largest first for sums, else by bucket and key; equal ones by bucket and key, so that an order is always total. */
function aggregateOrder(orderBy: AggregateQuery['orderBy']): (left: AggregateRow, right: AggregateRow) => number {
  const sizes: Partial<Record<string, (row: AggregateRow) => bigint | number>> = {
    cost: (row) => row.cost,
    calls: (row) => row.calls,
    tokens: (row) => tokensOf(row),
  }
  const size = sizes[orderBy ?? 'key']
  return (left, right) =>
    (size === undefined ? 0 : compare(size(right), size(left))) ||
    compare(left.bucketStart ?? 0, right.bucketStart ?? 0) ||
    left.keys.map((key, index) => compareText(key, right.keys[index] ?? null)).find((order) => order !== 0) ||
    0
}

/** By time or by cost, equal ones by seq; an unknown cost is below every known one. */
export function rowsOf(calls: readonly CallRow[], query: RowQuery): CallRow[] {
  const sign = query.descending === true ? -1 : 1
  const offset = query.offset ?? 0
  return [...calls]
    .sort(
      (left, right) => sign * (query.orderBy === 'cost' ? compareCost(left, right) : compare(left.at, right.at) || left.seq - right.seq),
    )
    .slice(offset, offset + query.limit)
}

function compareCost(left: CallRow, right: CallRow): number {
  if (left.cost === null || right.cost === null)
    return compare(Number(left.cost !== null), Number(right.cost !== null)) || left.seq - right.seq
  return compare(left.cost, right.cost) || left.seq - right.seq
}

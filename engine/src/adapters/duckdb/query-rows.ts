import { BIGINT, type DuckDBConnection } from '@duckdb/node-api'
import type { CallAmount, CallRow, ProjectionSums, RowQuery, SumBucket } from '../../calls/index.ts'
import { assert } from '../../kernel/index.ts'
import { picosOf } from './columns.ts'
import { bind, bindings, callConditions, wholeNumber } from './conditions.ts'
import { CALL_SELECT, callRowOf } from './read-rows.ts'

export async function rows(connection: DuckDBConnection, query: RowQuery): Promise<CallRow[]> {
  const to = bindings()
  const direction = query.descending === true ? 'DESC' : 'ASC'
  // An unknown cost is below every known one.
  const nulls = query.descending === true ? 'NULLS LAST' : 'NULLS FIRST'
  const order = query.orderBy === 'cost' ? `cost ${direction} ${nulls}, seq ${direction}` : `called_at ${direction}, seq ${direction}`
  const where = callConditions(to, query)
  const limit = bind(to, BigInt(query.limit), BIGINT)
  const offset = bind(to, BigInt(query.offset ?? 0), BIGINT)
  const reader = await connection.runAndReadAll(
    `SELECT ${CALL_SELECT} FROM store.calls WHERE ${where} ORDER BY ${order} LIMIT ${limit} OFFSET ${offset}`,
    to.values,
    to.types,
  )
  return reader.getRows().map(callRowOf)
}

export async function sums(connection: DuckDBConnection): Promise<ProjectionSums> {
  const reader = await connection.runAndReadAll(`SELECT (SELECT watermark FROM store.state), coalesce(sum(calls), 0)::BIGINT,
    coalesce(sum(cost), 0)::DECIMAL(38,12) FROM store.calls`)
  const [watermark, calls, cost] = reader.getRows()[0] ?? []
  return { watermark: Number(watermark), calls: Number(calls), cost: picosOf(cost ?? null) }
}

export async function sumsBySeq(connection: DuckDBConnection, bucketSize: number): Promise<SumBucket[]> {
  assert(bucketSize > 0, 'a bucket holds at least one seq')
  const size = wholeNumber(bucketSize)
  const reader = await connection.runAndReadAll(`SELECT organization, seq // ${size} * ${size} AS from_seq, sum(calls)::BIGINT,
    coalesce(sum(cost), 0)::DECIMAL(38,12) FROM store.calls GROUP BY organization, from_seq ORDER BY organization, from_seq`)
  return reader.getRows().map(([organization, fromSeq, calls, cost]) => ({
    organization: String(organization),
    fromSeq: Number(fromSeq),
    toSeq: Number(fromSeq) + bucketSize,
    calls: Number(calls),
    cost: picosOf(cost ?? null),
  }))
}

export async function amounts(connection: DuckDBConnection, fromSeq: number, toSeq: number): Promise<CallAmount[]> {
  const reader = await connection.runAndReadAll(`SELECT seq, organization, call_id, cost FROM store.calls
    WHERE seq >= ${wholeNumber(fromSeq)} AND seq < ${wholeNumber(toSeq)} ORDER BY seq`)
  return reader.getRows().map(([seq, organization, callId, cost]) => ({
    seq: Number(seq),
    organization: String(organization),
    callId: String(callId),
    cost: cost === null || cost === undefined ? null : picosOf(cost),
  }))
}

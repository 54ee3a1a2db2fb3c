import { BIGINT, type DuckDBConnection, DuckDBListValue, type DuckDBValue } from '@duckdb/node-api'
import type { CallAmount, CallQuery, CallRow, ProjectionSums, RepeatRow, RowQuery, SumBucket } from '../../calls/index.ts'
import { assert } from '../../kernel/index.ts'
import { picosOf, REQUEST_HASH } from './columns.ts'
import { type Bindings, bind, bindings, callConditions, scopeCondition, wholeNumber } from './conditions.ts'
import { repeatGroups } from './fold-repeats.ts'
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

/**
 * Repeated requests, dearest repetition first. Without filters they are kept ready; with filters the groups are made from the matching
 * rows of the requests that are known to occur again.
 */
export async function repeats(connection: DuckDBConnection, query: CallQuery & { readonly limit: number }): Promise<RepeatRow[]> {
  const filtered = query.from !== undefined || query.to !== undefined || (query.where ?? []).length > 0
  const to = bindings()
  const limit = bind(to, BigInt(query.limit), BIGINT)
  const groups = filtered ? filteredRepeats(to, query, limit) : `SELECT * FROM store.repeats WHERE ${scopeCondition(to, query.scope)}`
  const reader = await connection.runAndReadAll(
    `SELECT organization, fingerprint, agent, model, calls, cost, repeated_cost, unpriced, repeated_unpriced, call_ids FROM (${groups})
      ORDER BY repeated_cost DESC, fingerprint, organization, model, agent LIMIT ${limit}`,
    to.values,
    to.types,
  )
  return reader
    .getRows()
    .map(([organization, fingerprint, agent, model, calls, cost, repeatedCost, unpriced, repeatedUnpriced, callIds]) => ({
      organization: String(organization),
      fingerprint: String(fingerprint),
      agent: textOf(agent),
      model: textOf(model),
      calls: Number(calls),
      cost: picosOf(cost ?? null),
      repeatedCost: picosOf(repeatedCost ?? null),
      unpriced: Number(unpriced),
      repeatedUnpriced: Number(repeatedUnpriced),
      callIds: callIds instanceof DuckDBListValue ? callIds.items.map(String) : [],
    }))
}

/**
 * The rows of the groups whose repetitions cost most, those of equal cost with them: found by numbers alone, so that texts and lists are
 * made of few. Requests that share a hash count as one here, and are told apart by whoever groups the rows.
 */
function dearestRepeats(conditions: string, limit: string): string {
  const calls = `SELECT ${REQUEST_HASH}, agent, call_seq, min(called_at) AS called_at, sum(calls) AS calls, coalesce(sum(cost), 0) AS cost
    FROM store.repeat_calls WHERE ${conditions} GROUP BY ${REQUEST_HASH}, agent, call_seq`
  const groups = `SELECT ${REQUEST_HASH}, sum(cost) - arg_min(cost, (called_at, call_seq)) AS repeated_cost
    FROM (${calls}) GROUP BY ${REQUEST_HASH}, agent HAVING sum(calls) > 1`
  return `SELECT * FROM store.repeat_calls WHERE ${conditions} AND ${REQUEST_HASH} IN (
    SELECT ${REQUEST_HASH} FROM (${groups}) QUALIFY rank() OVER (ORDER BY repeated_cost DESC) <= ${limit})`
}

/** The rows of repeated requests hold what most filters are about. */
const REPEAT_DIMENSIONS: readonly string[] = ['organization', 'agent', 'model']

function filteredRepeats(to: Bindings, query: CallQuery, limit: string): string {
  if ((query.where ?? []).every((filter) => REPEAT_DIMENSIONS.includes(filter.dimension)))
    return repeatGroups(`(${dearestRepeats(callConditions(to, query), limit)})`, '')
  const known = `SELECT ${REQUEST_HASH} FROM store.repeats WHERE ${scopeCondition(to, query.scope)}`
  return repeatGroups(`(SELECT * FROM store.calls WHERE ${callConditions(to, query)} AND ${REQUEST_HASH} IN (${known}))`, '')
}

function textOf(value: DuckDBValue | undefined): string | null {
  return value === null || value === undefined ? null : String(value)
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

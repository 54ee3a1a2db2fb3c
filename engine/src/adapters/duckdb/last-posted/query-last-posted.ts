import { BIGINT, type DuckDBConnection } from '@duckdb/node-api'
import type { CallQuery, PriceableCall } from '../../../calls/index.ts'
import { bind, bindings, callConditions } from '../conditions.ts'
import { priceableCalls, STORED } from './last-posted-text.ts'

type LastPosted = CallQuery & { readonly limit: number }

/** The calls posted last, newest first, with what adjusts them. */
export async function lastPosted(connection: DuckDBConnection, query: LastPosted): Promise<PriceableCall[]> {
  return priceableCalls(await lastPostedText(connection, query))
}

/**
 * The same as one text, which `priceableCalls` reads: thousands of rows take longer to turn into values one by one, and to be copied to another
 * thread, than to find. In the order of posting because that is the order of the file: the newest lie together and nothing else is
 * read, whatever time the calls are of. First only where to begin is looked for, by the few columns that tell.
 */
export async function lastPostedText(connection: DuckDBConnection, query: LastPosted): Promise<string> {
  const first = await firstSeq(connection, query)
  if (first === null) return '[]'
  const to = bindings()
  const reader = await connection.runAndReadAll(
    `SELECT json_group_array(json_array(${STORED.join(', ')}))::VARCHAR FROM store.calls
      WHERE seq >= ${first} AND (calls = 1 OR call_seq >= ${first}) AND ${callConditions(to, query)}`,
    to.values,
    to.types,
  )
  return String(reader.getRows()[0]?.[0] ?? '[]')
}

/** Entries looked at, from the end, for each call that is asked for: enough of a call in fifty; then all. */
const LAST_ENTRIES = 50

/** Of the calls that are asked for the one posted first; null when there is none. */
async function firstSeq(connection: DuckDBConnection, query: LastPosted): Promise<number | null> {
  const newest = Number((await connection.runAndReadAll('SELECT max(seq) FROM store.calls')).getRows()[0]?.[0] ?? 0)
  const after = Math.max(0, newest - LAST_ENTRIES * query.limit)
  const lately = await firstSeqAfter(connection, query, after)
  const found = lately.count >= query.limit || after === 0 ? lately : await firstSeqAfter(connection, query, 0)
  return found.count === 0 ? null : found.first
}

async function firstSeqAfter(connection: DuckDBConnection, query: LastPosted, after: number): Promise<{ first: number; count: number }> {
  const to = bindings()
  const limit = bind(to, BigInt(query.limit), BIGINT)
  const reader = await connection.runAndReadAll(
    `SELECT min(seq), count(*) FROM (
      SELECT seq FROM store.calls WHERE seq > ${after} AND calls = 1 AND ${callConditions(to, query)} ORDER BY seq DESC LIMIT ${limit})`,
    to.values,
    to.types,
  )
  const [first, count] = reader.getRows()[0] ?? []
  return { first: Number(first ?? 0), count: Number(count ?? 0) }
}

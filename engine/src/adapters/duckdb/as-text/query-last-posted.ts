import { BIGINT, type DuckDBConnection } from '@duckdb/node-api'
import type { CallQuery } from '../../../calls/index.ts'
import { bind, bindings, callConditions } from '../conditions.ts'
import { STORED } from './priceable-calls.ts'
import { rowsAsText } from './rows-as-text.ts'

type LastPosted = CallQuery & { readonly limit: number }

/**
 * The calls posted last, newest first, with what adjusts them: a text, which `priceableCalls` reads. In the order of posting because that is the order of the file: the newest lie together and nothing else is
 * read, whatever time the calls are of. First only where to begin is looked for, by the few columns that tell.
 */
export async function lastPostedText(connection: DuckDBConnection, query: LastPosted): Promise<string> {
  const first = await firstSeq(connection, query)
  if (first === null) return '[]'
  const to = bindings()
  const from = `store.calls WHERE seq >= ${first} AND (calls = 1 OR call_seq >= ${first}) AND ${callConditions(to, query)}`
  return await rowsAsText(connection, { columns: STORED, from }, to)
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

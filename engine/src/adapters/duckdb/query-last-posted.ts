import { BIGINT, type DuckDBConnection, type DuckDBValue } from '@duckdb/node-api'
import type { CallQuery, PriceableCall } from '../../calls/index.ts'
import { picosOf } from './columns.ts'
import { bind, bindings, callConditions } from './conditions.ts'
import { textOf } from './read-rows.ts'

/**
 * Entries looked at, from the end, for each call that is asked for: first few, which hold enough of what is frequent, as nearly all is that
 * anybody asks about; then as many as hold enough of a call in fifty; then all.
 */
const LAST_ENTRIES = [10, 50]

/**
 * The calls posted last. In the order of posting because that is the order of the file: the newest lie together and nothing else is
 * read, whatever time the calls are of. Only the columns that pricing needs.
 */
export async function lastPosted(connection: DuckDBConnection, query: CallQuery & { readonly limit: number }): Promise<PriceableCall[]> {
  const newest = (await connection.runAndReadAll('SELECT max(seq) FROM store.calls')).getRows()[0]?.[0]
  for (const entries of LAST_ENTRIES) {
    const after = Number(newest ?? 0) - entries * query.limit
    if (after <= 0) break
    const found = await postedAfter(connection, query, after)
    if (found.length >= query.limit) return found
  }
  return await postedAfter(connection, query, 0)
}

async function postedAfter(
  connection: DuckDBConnection,
  query: CallQuery & { readonly limit: number },
  after: number,
): Promise<PriceableCall[]> {
  const to = bindings()
  const limit = bind(to, BigInt(query.limit), BIGINT)
  const reader = await connection.runAndReadAll(
    `WITH listed AS MATERIALIZED (SELECT ${STORED.join(', ')}, status FROM store.calls
        WHERE seq > ${after} AND calls = 1 AND ${callConditions(to, query)} ORDER BY seq DESC LIMIT ${limit}),
      corrections AS (SELECT call_seq AS seq, sum(cost) AS correction FROM store.calls
        WHERE seq > ${after} AND calls = 0 AND call_seq IN (SELECT seq FROM listed) GROUP BY call_seq)
    SELECT ${STORED.map((name) => (name === 'cost' ? CORRECTED : name)).join(', ')}
    FROM listed LEFT JOIN corrections USING (seq) ORDER BY seq DESC`,
    to.values,
    to.types,
  )
  return reader.getRows().map(priceableOf)
}

const CORRECTED = "CASE WHEN status = 'unpriced' THEN NULL ELSE coalesce(cost, 0) + coalesce(correction, 0) END::DECIMAL(38,12)"

const STORED = [
  'seq',
  'organization',
  'call_id',
  'run_id',
  'called_at',
  'model',
  'seller',
  'tier',
  'success',
  'input_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'output_tokens',
  'reasoning_tokens',
  'usage_evidence',
  'cost',
  'fingerprint',
]

/** Written out, and not a loop over columns: thousands of rows wait for it. In the order of `STORED`. */
function priceableOf(row: readonly DuckDBValue[]): PriceableCall {
  const cost = row[15] ?? null
  return {
    seq: Number(row[0]),
    organization: String(row[1]),
    callId: String(row[2]),
    runId: textOf(row[3]),
    at: Number(row[4]),
    model: textOf(row[5]),
    seller: textOf(row[6]),
    tier: textOf(row[7]),
    success: row[8] === true,
    inputTokens: Number(row[9]),
    cacheReadTokens: Number(row[10]),
    cacheWriteTokens: Number(row[11]),
    outputTokens: Number(row[12]),
    reasoningTokens: Number(row[13]),
    usageEvidence: String(row[14]) as PriceableCall['usageEvidence'],
    cost: cost === null ? null : picosOf(cost),
    fingerprint: textOf(row[16]),
  }
}

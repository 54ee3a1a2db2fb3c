import { BIGINT, type DuckDBConnection, type DuckDBValue } from '@duckdb/node-api'
import type { CallQuery, PriceableCall } from '../../calls/index.ts'
import { type Column, fromDuck } from './columns.ts'
import { bind, bindings, callConditions } from './conditions.ts'

/** Entries looked at first, from the end: of a call in fifty, as many as are asked for. Then all. */
const LAST_ENTRIES = 250_000

/**
 * The calls posted last. In the order of posting because that is the order of the file: the newest lie together and nothing else is
 * read, whatever time the calls are of. Only the columns that pricing needs.
 */
export async function lastPosted(connection: DuckDBConnection, query: CallQuery & { readonly limit: number }): Promise<PriceableCall[]> {
  const newest = (await connection.runAndReadAll('SELECT max(seq) FROM store.calls')).getRows()[0]?.[0]
  const after = Number(newest ?? 0) - LAST_ENTRIES
  const found = await postedAfter(connection, query, after)
  return found.length >= query.limit || after <= 0 ? found : await postedAfter(connection, query, 0)
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

const COLUMNS: readonly Column<PriceableCall>[] = [
  { name: 'seq', field: 'seq', kind: 'integer' },
  { name: 'organization', field: 'organization', kind: 'text' },
  { name: 'call_id', field: 'callId', kind: 'text' },
  { name: 'run_id', field: 'runId', kind: 'text' },
  { name: 'called_at', field: 'at', kind: 'integer' },
  { name: 'model', field: 'model', kind: 'text' },
  { name: 'seller', field: 'seller', kind: 'text' },
  { name: 'tier', field: 'tier', kind: 'text' },
  { name: 'success', field: 'success', kind: 'boolean' },
  { name: 'input_tokens', field: 'inputTokens', kind: 'integer' },
  { name: 'cache_read_tokens', field: 'cacheReadTokens', kind: 'integer' },
  { name: 'cache_write_tokens', field: 'cacheWriteTokens', kind: 'integer' },
  { name: 'output_tokens', field: 'outputTokens', kind: 'integer' },
  { name: 'reasoning_tokens', field: 'reasoningTokens', kind: 'integer' },
  { name: 'usage_evidence', field: 'usageEvidence', kind: 'text' },
  { name: 'cost', field: 'cost', kind: 'sum' },
  { name: 'fingerprint', field: 'fingerprint', kind: 'text' },
]
const STORED = COLUMNS.map((column) => column.name)

function priceableOf(row: readonly DuckDBValue[]): PriceableCall {
  return Object.fromEntries(
    COLUMNS.map((column, index) => [column.field, fromDuck(column.kind, row[index] ?? null)]),
  ) as unknown as PriceableCall
}

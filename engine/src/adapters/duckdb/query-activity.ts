import { BIGINT, type DuckDBConnection, type DuckDBValue } from '@duckdb/node-api'
import type { ActivityQuery, ActivityRow } from '../../calls/index.ts'
import { picosOf, SUM_TYPE } from './columns.ts'
import { bind, bindings, callConditions, wholeNumber } from './conditions.ts'
import { textOf } from './read-rows.ts'

const KEYS = ['organization', 'session_id', 'CASE WHEN session_id IS NULL THEN run_id END', 'agent']
const FACTS = KEYS.length + 2

/** Calls of a stretch of time by session (else run) and agent. Rows lie in the order of time, so that only those of the stretch are read. */
export async function activity(connection: DuckDBConnection, query: ActivityQuery): Promise<ActivityRow[]> {
  const to = bindings()
  const conditions = callConditions(to, query)
  const sums = query.since.flatMap((from) => {
    const since = `FILTER (called_at >= ${wholeNumber(from)})`
    return [
      `coalesce(sum(calls) ${since}, 0)::BIGINT`,
      `coalesce(sum(unpriced) ${since}, 0)::BIGINT`,
      `coalesce(sum(cost) ${since}, 0)::${SUM_TYPE}`,
    ]
  })
  const columns = [...KEYS, 'min(called_at)', 'max(called_at)', ...sums].join(', ')
  const reader = await connection.runAndReadAll(
    `SELECT ${columns} FROM store.calls WHERE ${conditions} GROUP BY 1, 2, 3, 4
      ORDER BY coalesce(sum(cost), 0) DESC, 1, 2, 3, 4 LIMIT ${bind(to, BigInt(query.limit), BIGINT)}`,
    to.values,
    to.types,
  )
  return reader.getRows().map((row) => activityRow(row, query.since.length))
}

function activityRow(row: readonly DuckDBValue[], windows: number): ActivityRow {
  return {
    organization: String(row[0]),
    sessionId: textOf(row[1]),
    runId: textOf(row[2]),
    agent: textOf(row[3]),
    firstCallAt: Number(row[4]),
    lastCallAt: Number(row[5]),
    sums: Array.from({ length: windows }, (_, index) => {
      const at = FACTS + index * 3
      return { calls: Number(row[at]), unpriced: Number(row[at + 1]), cost: picosOf(row[at + 2] ?? null) }
    }),
  }
}

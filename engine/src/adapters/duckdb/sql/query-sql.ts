import type { DuckDBConnection, Json } from '@duckdb/node-api'
import type { SqlQuery, SqlResult } from '../../../calls/index.ts'
import { EVERYONE_VARIABLE, SCOPE_VARIABLE } from '../published.ts'
import { checkReadOnly } from './sql-guard.ts'

/**
 * Runs one SELECT over the published names, showing the rows of the query's organization only. The caller lends a connection inside a
 * read-only transaction and interrupts it when the time is up; at most `rowsMax` rows are read from the answer.
 */
export async function sql(connection: DuckDBConnection, query: SqlQuery, functions: ReadonlySet<string>): Promise<SqlResult> {
  await checkReadOnly(connection, query.text, functions)
  await setScope(connection, query)
  const reader = await connection.streamAndReadUntil(query.text, query.rowsMax + 1)
  const types = reader.columnTypes().map(String)
  const columns = reader.columnNames().map((name, index) => ({ name, type: types[index] ?? '' }))
  const all: Json[][] = reader.getRowsJson()
  return { columns, rows: all.slice(0, query.rowsMax), truncated: all.length > query.rowsMax }
}

/** Set anew for every query, so nothing of the last one is left on the connection. */
async function setScope(connection: DuckDBConnection, { scope }: SqlQuery): Promise<void> {
  const everyone = !('organization' in scope)
  await connection.run(`SET VARIABLE ${EVERYONE_VARIABLE} = ${everyone}`)
  await connection.run(`SET VARIABLE ${SCOPE_VARIABLE} = ${everyone ? 'NULL' : quoted(scope.organization)}`)
}

/** Variables take no bound values. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

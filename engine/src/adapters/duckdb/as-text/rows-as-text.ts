import type { DuckDBConnection } from '@duckdb/node-api'
import type { Bindings } from '../conditions.ts'

/**
 * The rows of a query as one text, a JSON list of lists. Thousands of rows take longer to be turned into values one by one, and to be copied to
 * another thread, than to be found; a text is made by the database, crosses as it is, and is read where it is wanted. Money must come as text: a
 * number of JSON is not exact. `order`, in terms of the columns, is the order of the rows.
 */
export async function rowsAsText(connection: DuckDBConnection, { columns, from, order }: RowsWanted, to: Bindings): Promise<string> {
  const row = `json_array(${columns.join(', ')})::VARCHAR`
  const rows = order === undefined ? `string_agg(${row}, ',')` : `string_agg(${row}, ',' ORDER BY ${order})`
  const reader = await connection.runAndReadAll(`SELECT '[' || coalesce(${rows}, '') || ']' FROM ${from}`, to.values, to.types)
  return String(reader.getRows()[0]?.[0] ?? '[]')
}

interface RowsWanted {
  /** Expressions, as they stand in the rows. */
  readonly columns: readonly string[]
  readonly from: string
  readonly order?: string
}

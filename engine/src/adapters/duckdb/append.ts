import { BIGINT, type DuckDBConnection, DuckDBDataChunk, type DuckDBValue } from '@duckdb/node-api'
import type { CallRow } from '../../calls/index.ts'
import { CALL_COLUMNS, type Column, duckType, requestHash, toDuck } from './columns.ts'

/** A data chunk holds one vector of rows; more go into the next chunk. */
const CHUNK_ROWS = 2_048

/** Appends call rows, column by column: the fast way in. Synchronous while it copies, so slices are kept small. */
export async function appendCalls(connection: DuckDBConnection, rows: readonly CallRow[]): Promise<void> {
  const types = [...CALL_COLUMNS.map((column) => duckType(column.kind)), BIGINT]
  await appendChunks(connection, { table: 'calls', schema: 'store' }, types, rows, (part, setColumn) => {
    CALL_COLUMNS.forEach((column, index) => {
      setColumn(index, values(column, part))
    })
    setColumn(CALL_COLUMNS.length, part.map(requestHash))
  })
}

/** Appends records to a table whose columns are exactly these. `schema` null: a temporary table. */
export async function appendRecords<T>(
  connection: DuckDBConnection,
  table: string,
  columns: readonly Column<T>[],
  records: readonly T[],
  schema: string | null = 'store',
): Promise<void> {
  const types = columns.map((column) => duckType(column.kind))
  await appendChunks(connection, { table, schema }, types, records, (part, setColumn) => {
    columns.forEach((column, index) => {
      setColumn(index, values(column, part))
    })
  })
}

type SetColumn = (index: number, values: readonly DuckDBValue[]) => void

async function appendChunks<T>(
  connection: DuckDBConnection,
  into: { readonly table: string; readonly schema: string | null },
  types: readonly ReturnType<typeof duckType>[],
  records: readonly T[],
  write: (part: readonly T[], setColumn: SetColumn) => void,
): Promise<void> {
  if (records.length === 0) return
  const appender = await connection.createAppender(into.table, into.schema)
  for (let start = 0; start < records.length; start += CHUNK_ROWS) {
    const part = records.slice(start, start + CHUNK_ROWS)
    const chunk = DuckDBDataChunk.create(types, part.length)
    write(part, (index, columnValues) => chunk.setColumnValues(index, columnValues))
    appender.appendDataChunk(chunk)
  }
  appender.closeSync()
}

function values<T>(column: Column<T>, records: readonly T[]): DuckDBValue[] {
  const { kind, field } = column
  return records.map((record) => toDuck(kind, record[field]))
}

import { stringify } from 'csv-stringify/sync'
import { type FocusRow, type FocusVersion, writtenColumns } from './columns.ts'

const ROWS_PER_PIECE = 500
/** What a spreadsheet takes for the beginning of a formula, also in full width. */
const FORMULA = /^'*[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20]/

/**
 * The rows as CSV (RFC 4180, with LF), in pieces: the names of the columns, then a line per row. What is null is an empty field. Text that a spreadsheet
 * would take for a formula gets an apostrophe in front, since agents, teams and models are named by others; whoever needs such a name as it
 * is takes that one apostrophe away again, or reads the Parquet form. Decimals and times are written by us, and left alone.
 */
export async function* focusCsv(rows: AsyncIterable<FocusRow>, version: FocusVersion): AsyncGenerator<string> {
  const columns = writtenColumns(version)
  let piece: (string | null)[][] = [columns.map(({ name }) => name)]
  for await (const row of rows) {
    piece.push(row.map((cell, index) => (columns[index]?.type === 'string' ? plainText(cell) : cell)))
    if (piece.length < ROWS_PER_PIECE) continue
    yield stringify(piece)
    piece = []
  }
  if (piece.length > 0) yield stringify(piece)
}

function plainText(text: string | null): string | null {
  return text !== null && FORMULA.test(text) ? `'${text}` : text
}

import type { DuckDBConnection } from '@duckdb/node-api'
import { inTransaction } from '../database.ts'
import { MEASURE_NAMES, measuresOfSums } from '../measure-columns.ts'
import { NOT_EMPTY, ROLLUP_TABLES } from './rollup.ts'

const COMPACT_ROWS_MIN = 50_000

/**
 * Joins the rollup rows of one period and value that many folds have left. A table is done when what is new since the last time is at
 * least half of the days it touches, so every row is rewritten a few times in its life, however it came. Only whole rows that
 * are there at the start are replaced: folds may go on adding meanwhile, on another connection.
 */
export async function compactRollups(connection: DuckDBConnection, rowsMin: number = COMPACT_ROWS_MIN): Promise<void> {
  for (const table of ROLLUP_TABLES) {
    const touched = `SELECT DISTINCT start FROM store.${table} WHERE fold_seq > 0`
    const reader = await connection.runAndReadAll(`SELECT count(*) FILTER (fold_seq > 0)::DOUBLE, count(*)::DOUBLE
      FROM store.${table} WHERE start IN (${touched})`)
    const [fresh = 0, all = 0] = (reader.getRows()[0] ?? []).map(Number)
    if (fresh >= rowsMin && fresh * 2 >= all) await compactTable(connection, table, touched)
  }
}

/** `fold_seq` 0 marks rows that are joined. */
async function compactTable(connection: DuckDBConnection, table: string, touched: string): Promise<void> {
  const names = MEASURE_NAMES.join(', ')
  await inTransaction(connection, async () => {
    await connection.run(`CREATE OR REPLACE TEMP TABLE compacted AS
      SELECT period, organization, start, value, value2, ${measuresOfSums()} FROM store.${table} WHERE start IN (${touched})
      GROUP BY period, organization, start, value, value2`)
    await connection.run(`DELETE FROM store.${table} WHERE start IN (${touched})`)
    await connection.run(`INSERT INTO store.${table}
      SELECT period, organization, start, value, value2, 0, ${names} FROM compacted WHERE ${NOT_EMPTY} ORDER BY period, start, organization, value`)
    await connection.run('DROP TABLE compacted')
  })
}

import { join } from 'node:path'
import Database from 'better-sqlite3'

const ROWS_MAX = 300_000

type Row = readonly (string | number | null)[]

export interface RawRates {
  /** Calls per second with the journal row and the id row of each. */
  readonly journalAndIds: number
  /** Calls per second with the journal row alone: such a store could not tell a call that is sent twice. */
  readonly journalOnly: number
}

/**
 * Calls per second of the least that durable posting could cost: the rows of a data folder, written again into new files by prepared
 * statements, `perTransaction` calls to a transaction and an fsync, with no parsing, pricing or deciding.
 */
export function rawSqlite(dataFolder: string, file: string, perTransaction: number): RawRates {
  const source = new Database(join(dataFolder, 'ledger.sqlite'), { readonly: true })
  try {
    const journal = rowsOf(source, 'SELECT * FROM journal ORDER BY seq LIMIT ?')
    // From the journal: the table of ids lacks those of the last entries, which are written to it in bulk later.
    const ids = rowsOf(source, 'SELECT id_key < 0, id_key, seq FROM journal ORDER BY seq LIMIT ?')
    const tables = source.prepare<[], string>("SELECT sql FROM sqlite_master WHERE name IN ('journal', 'posted_ids')").pluck().all()
    return {
      journalAndIds: writtenPerSecond(`${file}-ids`, tables, [journal, ids], perTransaction),
      journalOnly: writtenPerSecond(file, tables, [journal, []], perTransaction),
    }
  } finally {
    source.close()
  }
}

function rowsOf(source: Database.Database, sql: string): Row[] {
  return source.prepare<[number], Row>(sql).raw().all(ROWS_MAX)
}

function writtenPerSecond(
  file: string,
  tables: readonly string[],
  [journal, ids]: readonly [readonly Row[], readonly Row[]],
  perTransaction: number,
): number {
  const target = new Database(file)
  try {
    target.pragma('journal_mode = WAL')
    target.pragma('synchronous = FULL')
    for (const sql of tables) target.exec(sql)
    const insertEntry = target.prepare(`INSERT INTO journal VALUES (${marks(journal[0])})`)
    const insertId = target.prepare('INSERT INTO posted_ids VALUES (?, ?, ?)')
    const write = target.transaction((from: number, to: number) => {
      for (let index = from; index < to; index += 1) {
        const entry = journal[index]
        if (entry !== undefined) insertEntry.run(entry)
        const id = ids[index]
        if (id !== undefined) insertId.run(id)
      }
    })
    const began = performance.now()
    for (let from = 0; from < journal.length; from += perTransaction) write(from, Math.min(from + perTransaction, journal.length))
    return journal.length / ((performance.now() - began) / 1000)
  } finally {
    target.close()
  }
}

function marks(row: Row | undefined): string {
  return (row ?? []).map(() => '?').join(', ')
}

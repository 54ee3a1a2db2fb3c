import { join } from 'node:path'
import Database from 'better-sqlite3'

const ROWS_MAX = 300_000

interface JournalRow {
  readonly seq: number
  readonly organization: string
  readonly kind: string
  readonly recorded_at: number
  readonly body: string
}

interface IdRow {
  readonly segment: number
  readonly key: bigint
  readonly seq: bigint
}

/**
 * Calls per second of the least that durable posting could cost: the journal and id rows of a data folder, written again into a new file by
 * prepared statements, `perTransaction` calls to a transaction and an fsync, with no parsing, pricing or deciding.
 */
export function rawSqlite(dataFolder: string, file: string, perTransaction: number): number {
  const source = new Database(join(dataFolder, 'ledger.sqlite'), { readonly: true })
  const journal = source
    .prepare('SELECT seq, organization, kind, recorded_at, body FROM journal ORDER BY seq LIMIT ?')
    .all(ROWS_MAX) as JournalRow[]
  const ids = source.prepare('SELECT segment, key, seq FROM posted_ids WHERE seq <= ? ORDER BY seq').safeIntegers().all(ROWS_MAX) as IdRow[]
  const tables = source.prepare("SELECT sql FROM sqlite_master WHERE name IN ('journal', 'posted_ids')").all() as { sql: string }[]
  source.close()

  const target = new Database(file)
  try {
    target.pragma('journal_mode = WAL')
    target.pragma('synchronous = FULL')
    for (const { sql } of tables) target.exec(sql)
    const insertEntry = target.prepare('INSERT INTO journal (seq, organization, kind, recorded_at, body) VALUES (?, ?, ?, ?, ?)')
    const insertId = target.prepare('INSERT INTO posted_ids (segment, key, seq) VALUES (?, ?, ?)')
    const write = target.transaction((from: number, to: number) => {
      for (let index = from; index < to; index += 1) {
        const row = journal[index]
        if (row !== undefined) insertEntry.run(row.seq, row.organization, row.kind, row.recorded_at, row.body)
        const id = ids[index]
        if (id !== undefined) insertId.run(id.segment, id.key, id.seq)
      }
    })
    const began = performance.now()
    for (let from = 0; from < journal.length; from += perTransaction) write(from, Math.min(from + perTransaction, journal.length))
    return journal.length / ((performance.now() - began) / 1000)
  } finally {
    target.close()
  }
}

import { join } from 'node:path'
import Database from 'better-sqlite3'

/** The ledger's file inside the data folder. */
export function ledgerPath(folder: string): string {
  return join(folder, 'ledger.sqlite')
}

/** Prepared statements per batch size and kind are reused; the cache of pages holds the hot end of the journal and its index. */
export function openWriter(path: string): Database.Database {
  const database = new Database(path, { timeout: 5_000 })
  database.pragma('journal_mode = WAL')
  // FULL: the log is synced at each commit, so what was acknowledged survives a loss of power.
  database.pragma('synchronous = FULL')
  database.pragma('foreign_keys = ON')
  // Checkpoints are ours to time (checkpoint.ts): SQLite's own would run inside a commit that a caller waits for.
  database.pragma('wal_autocheckpoint = 0')
  database.pragma(`journal_size_limit = ${64 * 1024 * 1024}`)
  database.pragma('cache_size = -32768')
  database.pragma('temp_store = MEMORY')
  return database
}

/** A connection that can only read; never checkpoints and never blocks the writer. */
export function openReader(path: string): Database.Database {
  const database = new Database(path, { readonly: true, fileMustExist: true, timeout: 5_000 })
  database.pragma('query_only = ON')
  return database
}

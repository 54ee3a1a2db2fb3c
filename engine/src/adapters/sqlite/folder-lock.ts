import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'

/** Another process (or another part of this one) works in the data folder. */
export class FolderInUseError extends Error {
  override readonly name = 'FolderInUseError'
}

export interface FolderLock {
  release(): void
}

/**
 * Takes the data folder for this process alone. A write transaction on a small database is held open for as long as the folder is in use;
 * its lock belongs to the kernel, so a crash frees it and no stale lock file can remain. The holder's process id is committed before, so
 * that whoever is refused can be told. Throws `FolderInUseError`.
 */
export function lockFolder(folder: string): FolderLock {
  mkdirSync(folder, { recursive: true })
  const database = new Database(join(folder, 'lock.sqlite'), { timeout: 0 })
  try {
    database.pragma('journal_mode = DELETE')
    database.exec('BEGIN IMMEDIATE')
    database.exec('CREATE TABLE IF NOT EXISTS holder (pid INTEGER NOT NULL)')
    database.exec('DELETE FROM holder')
    database.prepare('INSERT INTO holder VALUES (?)').run(process.pid)
    database.exec('COMMIT')
    database.exec('BEGIN IMMEDIATE')
  } catch (error) {
    const inUse = isBusy(error) ? new FolderInUseError(inUseMessage(folder, holderOf(database))) : error
    database.close()
    throw inUse
  }
  return {
    release: () => {
      if (database.open) database.close()
    },
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')
}

/** A reserved lock lets others read, so the holder can be named. */
function holderOf(database: Database.Database): number | null {
  try {
    return database.prepare<[], number>('SELECT pid FROM holder').pluck().get() ?? null
  } catch {
    return null
  }
}

function inUseMessage(folder: string, pid: number | null): string {
  const who = pid === null ? 'another process' : pid === process.pid ? 'this process already' : `process ${pid}`
  return `the data folder ${folder} is in use by ${who}; stop it, or choose another folder with PURSER_DATA`
}

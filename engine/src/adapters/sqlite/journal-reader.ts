import type { JournalReader } from '../../ledger/index.ts'
import { entryOf } from './load.ts'
import { openReader } from './open-database.ts'
import type { EntryRow } from './rows.ts'
import { ENTRY_COLUMNS } from './statements.ts'

/**
 * Reads the journal through a connection of its own, from any thread, while the writer goes on. `path` is `ledgerPath(folder)`; the file
 * must have been made by `openSqlite` before. Each read sees everything that was committed when it began.
 */
export function openJournalReader(path: string): JournalReader {
  const database = openReader(path)
  const head = database.prepare<[], number | null>('SELECT max(seq) FROM journal').pluck()
  const after = database.prepare<[number, number], EntryRow>(`SELECT ${ENTRY_COLUMNS} FROM journal WHERE seq > ? ORDER BY seq LIMIT ?`)
  return {
    head: () => head.get() ?? 0,
    read: (afterSeq, limit) => after.all(afterSeq, limit).map(entryOf),
    close: () => database.close(),
  }
}

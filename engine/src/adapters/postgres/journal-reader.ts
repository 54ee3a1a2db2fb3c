import type { JournalEntry } from '../../ledger/index.ts'
import { connect } from './connect/connect.ts'
import { openPool } from './connect/pool.ts'
import { headOf, readJournal } from './ledger-store.ts'
import { entryOf } from './transaction/load.ts'

/** Committed entries, through connections of one's own: another thread follows the journal with it. */
export interface PostgresJournalReader {
  head(): Promise<number>
  /** Committed entries after `afterSeq`, in order. */
  read(afterSeq: number, limit: number): Promise<JournalEntry[]>
  close(): Promise<void>
}

const ANSWER_MS_MAX = 60_000

/** Reads the journal of the database at `url`, whose tables must have been made by `openPostgres` before. */
export function openPostgresJournal(url: string): PostgresJournalReader {
  const pool = openPool(() => connect(url, 'news'), ANSWER_MS_MAX)
  return {
    head: () => headOf(pool.ask),
    read: async (afterSeq, limit) => (await readJournal(pool.ask, afterSeq, limit)).map(entryOf),
    close: () => pool.close(),
  }
}

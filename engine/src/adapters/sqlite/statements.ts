import type { Database, Statement } from 'better-sqlite3'
import type { AccountRow, EntryRow, RunRow, SessionRow } from './rows.ts'

export interface LedgerStatements {
  readonly begin: Statement<[]>
  readonly commit: Statement<[]>
  readonly rollback: Statement<[]>
  readonly head: Statement<[], number | null>
  readonly entry: Statement<[number], EntryRow>
  readonly entriesAfter: Statement<[number, number], EntryRow>
  readonly callsBetween: Statement<[number, number], EntryRow>
  /** Seq and key of the id; null where an earlier program wrote the entry. */
  readonly idKeysAfter: Statement<[number], [number, number | null]>
  readonly adjustmentsOf: Statement<[number], EntryRow>
  /** Adjustments of the calls between two seqs. */
  readonly adjustmentsBetween: Statement<[number, number], EntryRow & { readonly call_seq: number }>
  readonly run: Statement<[string, string], RunRow>
  readonly runsById: Statement<[string], RunRow>
  readonly session: Statement<[string, string], SessionRow>
  readonly sessionsById: Statement<[string], SessionRow>
  readonly account: Statement<[string, string], AccountRow>
  readonly accounts: Statement<[], AccountRow>
  readonly accountsOf: Statement<[string], AccountRow>
  readonly anyWallet: Statement<[], number>
  readonly walletEntries: Statement<[string, string, number, number, number, number], EntryRow>
  readonly insertWalletEntry: Statement<[string, string, number, number]>
  readonly organizations: Statement<[], string>
  readonly insertEntry: Statement<EntryValues>
  /** `ENTRIES_AT_ONCE` of them: a third less time than one by one. */
  readonly insertEntries: Statement<[EntryValues[number][]]>
  readonly insertAdjustment: Statement<[number, number]>
  readonly insertOrganization: Statement<[string]>
  readonly putRun: Statement<unknown[]>
  readonly putSession: Statement<unknown[]>
  readonly putAccount: Statement<[string, string, string, string]>
}

/** The columns of the journal: seq, organization, kind, time, body, key of the id. */
export type EntryValues = [number, string, string, number, string, number]

export const ENTRIES_AT_ONCE = 20

/** What is read of an entry. */
export const ENTRY_COLUMNS = 'seq, organization, kind, recorded_at, body'

/** Every statement of the ledger, prepared once. */
export function prepareLedger(database: Database): LedgerStatements {
  return {
    begin: database.prepare<[]>('BEGIN IMMEDIATE'),
    commit: database.prepare<[]>('COMMIT'),
    rollback: database.prepare<[]>('ROLLBACK'),
    head: database.prepare<[], number | null>('SELECT max(seq) FROM journal').pluck(),
    entry: database.prepare<[number], EntryRow>(`SELECT ${ENTRY_COLUMNS} FROM journal WHERE seq = ?`),
    entriesAfter: database.prepare<[number, number], EntryRow>(`SELECT ${ENTRY_COLUMNS} FROM journal WHERE seq > ? ORDER BY seq LIMIT ?`),
    callsBetween: database.prepare<[number, number], EntryRow>(
      `SELECT ${ENTRY_COLUMNS} FROM journal WHERE seq > ? AND seq <= ? AND kind = 'call' ORDER BY seq`,
    ),
    idKeysAfter: database.prepare<[number], [number, number | null]>('SELECT seq, id_key FROM journal WHERE seq > ? ORDER BY seq').raw(),
    adjustmentsOf: database.prepare<[number], EntryRow>(
      `SELECT ${ENTRY_COLUMNS} FROM adjustments JOIN journal USING (seq) WHERE adjustments.call_seq = ? ORDER BY seq`,
    ),
    adjustmentsBetween: database.prepare<[number, number], EntryRow & { readonly call_seq: number }>(
      `SELECT call_seq, ${ENTRY_COLUMNS} FROM adjustments JOIN journal USING (seq) WHERE call_seq > ? AND call_seq <= ? ORDER BY call_seq, seq`,
    ),
    run: database.prepare<[string, string], RunRow>('SELECT * FROM runs WHERE id = ? AND organization = ?'),
    runsById: database.prepare<[string], RunRow>('SELECT * FROM runs WHERE id = ? ORDER BY organization'),
    session: database.prepare<[string, string], SessionRow>('SELECT * FROM sessions WHERE id = ? AND organization = ?'),
    sessionsById: database.prepare<[string], SessionRow>('SELECT * FROM sessions WHERE id = ? ORDER BY organization'),
    account: database.prepare<[string, string], AccountRow>('SELECT * FROM accounts WHERE organization = ? AND account = ?'),
    accounts: database.prepare<[], AccountRow>('SELECT * FROM accounts ORDER BY organization, account'),
    accountsOf: database.prepare<[string], AccountRow>('SELECT * FROM accounts WHERE organization = ? ORDER BY account'),
    anyWallet: database.prepare<[], number>("SELECT count(*) FROM (SELECT 1 FROM accounts WHERE account LIKE 'wallet:%' LIMIT 1)").pluck(),
    walletEntries: database.prepare<[string, string, number, number, number, number], EntryRow>(
      `SELECT ${ENTRY_COLUMNS.replace('organization', 'journal.organization')} FROM wallet_entries JOIN journal USING (seq)
       WHERE wallet_entries.organization = ? AND agent = ? AND seq > ? AND at >= ? AND at < ? ORDER BY seq LIMIT ?`,
    ),
    insertWalletEntry: database.prepare<[string, string, number, number]>('INSERT INTO wallet_entries VALUES (?, ?, ?, ?)'),
    organizations: database.prepare<[], string>('SELECT organization FROM organizations ORDER BY organization').pluck(),
    insertEntry: database.prepare<EntryValues>(insertingEntries(1)),
    insertEntries: database.prepare<[EntryValues[number][]]>(insertingEntries(ENTRIES_AT_ONCE)),
    insertAdjustment: database.prepare<[number, number]>('INSERT INTO adjustments VALUES (?, ?)'),
    insertOrganization: database.prepare<[string]>('INSERT OR IGNORE INTO organizations VALUES (?)'),
    putRun: database.prepare(`INSERT OR REPLACE INTO runs VALUES (${marks(17)})`),
    putSession: database.prepare(`INSERT OR REPLACE INTO sessions VALUES (${marks(13)})`),
    putAccount: database.prepare<[string, string, string, string]>('INSERT OR REPLACE INTO accounts VALUES (?, ?, ?, ?)'),
  }
}

function insertingEntries(count: number): string {
  const rows = Array.from({ length: count }, () => `(${marks(6)})`).join(', ')
  return `INSERT INTO journal (${ENTRY_COLUMNS}, id_key) VALUES ${rows}`
}

function marks(count: number): string {
  return Array.from({ length: count }, () => '?').join(', ')
}

import type { Database } from 'better-sqlite3'
import type { AccountRow, EntryRow, RunRow, SessionRow } from './rows.ts'

type Statements = ReturnType<typeof prepareLedger>
export type LedgerStatements = Statements

/** Every statement of the ledger, prepared once. */
export function prepareLedger(database: Database) {
  return {
    begin: database.prepare('BEGIN IMMEDIATE'),
    commit: database.prepare('COMMIT'),
    rollback: database.prepare('ROLLBACK'),
    head: database.prepare<[], number | null>('SELECT max(seq) FROM journal').pluck(),
    entry: database.prepare<[number], EntryRow>('SELECT * FROM journal WHERE seq = ?'),
    entriesAfter: database.prepare<[number, number], EntryRow>('SELECT * FROM journal WHERE seq > ? ORDER BY seq LIMIT ?'),
    adjustmentsOf: database.prepare<[number], EntryRow>(
      'SELECT journal.* FROM adjustments JOIN journal USING (seq) WHERE adjustments.call_seq = ? ORDER BY seq',
    ),
    run: database.prepare<[string, string], RunRow>('SELECT * FROM runs WHERE id = ? AND organization = ?'),
    runsById: database.prepare<[string], RunRow>('SELECT * FROM runs WHERE id = ? ORDER BY organization'),
    session: database.prepare<[string, string], SessionRow>('SELECT * FROM sessions WHERE id = ? AND organization = ?'),
    sessionsById: database.prepare<[string], SessionRow>('SELECT * FROM sessions WHERE id = ? ORDER BY organization'),
    account: database.prepare<[string, string], AccountRow>('SELECT * FROM accounts WHERE organization = ? AND account = ?'),
    accounts: database.prepare<[], AccountRow>('SELECT * FROM accounts ORDER BY organization, account'),
    accountsOf: database.prepare<[string], AccountRow>('SELECT * FROM accounts WHERE organization = ? ORDER BY account'),
    organizations: database.prepare<[], string>('SELECT organization FROM organizations ORDER BY organization').pluck(),
    insertEntry: database.prepare<[number, string, string, number, string]>('INSERT INTO journal VALUES (?, ?, ?, ?, ?)'),
    insertAdjustment: database.prepare<[number, number]>('INSERT INTO adjustments VALUES (?, ?)'),
    insertOrganization: database.prepare<[string]>('INSERT OR IGNORE INTO organizations VALUES (?)'),
    putRun: database.prepare(`INSERT OR REPLACE INTO runs VALUES (${marks(16)})`),
    putSession: database.prepare(`INSERT OR REPLACE INTO sessions VALUES (${marks(13)})`),
    putAccount: database.prepare<[string, string, string, string]>('INSERT OR REPLACE INTO accounts VALUES (?, ?, ?, ?)'),
  }
}

function marks(count: number): string {
  return Array.from({ length: count }, () => '?').join(', ')
}

import Database from 'better-sqlite3'
import type { Decision } from '../src/ledger/index.ts'
import { built } from './built.ts'
import type { Bulk } from './holds-run.ts'
import { median } from './section.ts'

type Ledger = typeof import('../src/ledger/index.ts')
type Changes = Decision['changes']
type Values = readonly (string | number | null)[]

/** The rows of one transaction, ready to be bound. */
interface Rows {
  readonly journal: readonly Values[]
  readonly ids: readonly Values[]
  readonly counters: readonly Values[]
  readonly holds: readonly Values[]
  readonly ended: readonly Values[]
  readonly accounts: readonly Values[]
}

/**
 * What the store could do at most: the rows that some transactions left, written again into a new file with the same tables, by prepared
 * statements, in the same transactions, an fsync each. `calls` is how many calls they are.
 */
export async function bulkPerSecond(source: string, file: string, batches: readonly Changes[], calls: number): Promise<Bulk> {
  const ledger = await built<Ledger>('ledger/index')
  const from = new Database(source, { readonly: true })
  const tables = from
    .prepare<[], string>(
      "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND tbl_name IN ('journal', 'posted_ids', 'counters', 'holds', 'accounts')",
    )
    .pluck()
    .all()
  const idRow = from.prepare<[number], Values>('SELECT id_key < 0, id_key, seq FROM journal WHERE seq = ?').raw()
  const journalRow = from.prepare<[number], Values>('SELECT * FROM journal WHERE seq = ?').raw()
  const rows = batches.map((changes) => rowsOf(ledger, changes, journalRow, idRow))
  from.close()
  const target = new Database(file)
  target.pragma('journal_mode = WAL')
  target.pragma('synchronous = FULL')
  for (const sql of tables) target.exec(sql)
  const run = writer(target)
  const times: number[] = []
  const cpu = process.cpuUsage()
  const began = performance.now()
  for (const batch of rows) {
    const before = performance.now()
    run(batch)
    times.push(performance.now() - before)
  }
  const perSecond = (calls / (performance.now() - began)) * 1000
  const { user, system } = process.cpuUsage(cpu)
  target.close()
  return { perSecond, commitMs: median(times), cpuMicros: (user + system) / calls }
}

interface Single {
  get(seq: number): Values | undefined
}

function rowsOf(ledger: Ledger, changes: Changes, journalRow: Single, idRow: Single): Rows {
  const seqs = changes.entries.map(({ seq }) => seq)
  return {
    journal: seqs.map((seq) => journalRow.get(seq) ?? []),
    ids: seqs.map((seq) => idRow.get(seq) ?? []),
    counters: changes.counters.map(({ organization, budget, value, start, spent, held, toldTo, exhaustedSeq }) => [
      ...[organization, budget, value, start],
      ...[spent, held, toldTo].map(String),
      exhaustedSeq,
    ]),
    holds: changes.holds.map((hold) => [hold.organization, hold.id, hold.deadline, ledger.encodeHoldState(hold)]),
    ended: changes.holdsEnded.map(({ organization, id }) => [organization, id]),
    accounts: changes.accounts.map(({ organization, account, debits, credits }) => [
      organization,
      account,
      String(debits),
      String(credits),
    ]),
  }
}

function writer(database: Database.Database): (rows: Rows) => void {
  const statements = {
    journal: database.prepare('INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?)'),
    ids: database.prepare('INSERT INTO posted_ids VALUES (?, ?, ?)'),
    counters: database.prepare('INSERT OR REPLACE INTO counters VALUES (?, ?, ?, ?, ?, ?, ?, ?)'),
    holds: database.prepare('INSERT OR REPLACE INTO holds VALUES (?, ?, ?, ?)'),
    ended: database.prepare('DELETE FROM holds WHERE organization = ? AND id = ?'),
    accounts: database.prepare('INSERT OR REPLACE INTO accounts VALUES (?, ?, ?, ?)'),
  }
  const names = ['journal', 'ids', 'counters', 'holds', 'ended', 'accounts'] as const
  return database.transaction((rows: Rows) => {
    for (const name of names) for (const values of rows[name]) statements[name].run(...values)
  })
}

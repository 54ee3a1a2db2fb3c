import type { Database } from 'better-sqlite3'
import { assert } from '../../kernel/index.ts'
import {
  type AuditDraft,
  type CallsRead,
  type CallTimes,
  concernedBy,
  type Decision,
  encodeEntry,
  eventKey,
  idOfEvent,
  isCallIn,
  isWalletAccount,
  type JournalEntry,
  type LedgerState,
  type LedgerStore,
  type RecordEvent,
  type RowsNeeded,
  type TimeRange,
} from '../../ledger/index.ts'
import { BreakerRows } from './breakers/breaker-rows.ts'
import { BudgetRows } from './budgets/budget-rows.ts'
import type { Checkpointer } from './checkpoint.ts'
import { PostedIds } from './ids/posted-ids.ts'
import { JournalSpans, SPAN_ENTRIES } from './journal-spans.ts'
import { type KeptRows, keepChanged, keptRows } from './kept-rows.ts'
import { emptyRows, entryAmong, entryOf, loadRows } from './load.ts'
import { accountOf, attributionValues, runOf, sessionOf } from './rows.ts'
import { ENTRIES_AT_ONCE, type EntryValues, type LedgerStatements, prepareLedger } from './statements.ts'

export interface LedgerParts {
  readonly database: Database
  readonly secret: readonly [number, number]
  readonly checkpointer: Checkpointer
  readonly appendAudit: (entry: AuditDraft) => void
  readonly close: () => void
}

/** The ledger on SQLite. One connection, one writer: the folder's lock sees to it, so head, ids and organizations are known in memory. */
export function sqliteLedgerStore(parts: LedgerParts): LedgerStore {
  const store = openStore(parts)
  const { statements } = store
  return {
    transact: async (rows, decide) => transact(store, rows, decide),
    head: async () => store.head,
    read: async (afterSeq, limit) => statements.entriesAfter.all(afterSeq, limit).map(entryOf),
    readCalls: async (range, afterSeq) => readCalls(store, range, afterSeq),
    findCall: async (organization, id) => findPosted(store, organization, 'call', id),
    findEntry: async (organization, kind, id) => findPosted(store, organization, kind, id),
    findAdjustments: async (organization, callId) => {
      const call = findPosted(store, organization, 'call', callId)
      return call === null ? [] : statements.adjustmentsOf.all(call.seq).map(entryOf)
    },
    findRuns: async (organization, id) =>
      statements.runsById
        .all(id)
        .filter((row) => organization === null || row.organization === organization)
        .map(runOf),
    findSessions: async (organization, id) =>
      statements.sessionsById
        .all(id)
        .filter((row) => organization === null || row.organization === organization)
        .map(sessionOf),
    accounts: async (organization) =>
      (organization === null ? statements.accounts.all() : statements.accountsOf.all(organization)).map(accountOf),
    account: async (organization, account) => {
      const row = statements.account.get(organization, account)
      return row === undefined ? null : accountOf(row)
    },
    walletEntries: async (organization, agent, { from, to }, afterSeq, limit) =>
      statements.walletEntries.all(organization, agent, afterSeq, from, to, limit).map(entryOf),
    organizations: async () => statements.organizations.all(),
    budgets: async (organization) => store.budgets.rulesOf(organization),
    counters: async (organization) => store.budgets.counters(organization),
    counter: async (key) => store.budgets.counter(key) ?? null,
    holds: async (organization) => store.budgets.holds(organization),
    findHolds: async (organization, id) => store.budgets.findHolds(organization, id),
    holdsDue: async (now, limit) => store.budgets.holdsDue(now, limit),
    breakers: async (organization) => store.breakers.rulesOf(organization),
    breakerRows: async (organization) => store.breakers.rows(organization),
    breakersToSweep: async (now) => store.breakers.toSweep(now),
    agentStates: async (organization) => store.breakers.agents(organization),
    // One thread, one connection, and nothing waited for: nothing comes between these.
    books: async () => ({
      head: store.head,
      accounts: statements.accounts.all().map(accountOf),
      counters: store.budgets.counters(null),
      agents: store.breakers.agents(null),
    }),
    close: async () => {
      if (parts.database.open) foldAll(store)
      parts.close()
    },
  }
}

/** Entries between two foldings of ids: bounds the memory they take and what a start has to read after a crash. */
const UNFOLDED_ENTRIES_MAX = 65_536

export interface Store {
  readonly statements: LedgerStatements
  readonly ids: PostedIds
  readonly spans: JournalSpans
  readonly organizations: Set<string>
  readonly checkpointer: Checkpointer
  readonly kept: KeptRows
  readonly budgets: BudgetRows
  readonly breakers: BreakerRows
  readonly appendAudit: LedgerParts['appendAudit']
  anyWallet: boolean
  head: number
}

function openStore({ database, secret, checkpointer, appendAudit }: LedgerParts): Store {
  const statements = prepareLedger(database)
  const ids = new PostedIds(database, secret)
  const head = statements.head.get() ?? 0
  const spans = new JournalSpans(database, (seq) => statements.entriesAfter.all(seq, SPAN_ENTRIES).map(entryOf))
  const organizations = new Set(statements.organizations.all())
  const store: Store = {
    statements,
    ids,
    spans,
    organizations,
    checkpointer,
    kept: keptRows(),
    budgets: new BudgetRows(database),
    breakers: new BreakerRows(database),
    appendAudit,
    anyWallet: statements.anyWallet.get() === 1,
    head,
  }
  for (const [seq, key] of statements.idKeysAfter.all(ids.foldedThrough)) ids.remember(key ?? keyReadBack(store, seq), seq)
  return store
}

/** The key of an entry that was written before keys stood beside entries. */
function keyReadBack({ statements, ids }: Store, seq: number): number {
  const row = statements.entry.get(seq)
  assert(row !== undefined, `journal entry ${seq} is there`)
  return keyOf(ids, entryOf(row))
}

function keyOf(ids: PostedIds, { event }: JournalEntry): number {
  return ids.keyOf(event.kind, idOfEvent(event))
}

function transact(store: Store, rows: RowsNeeded, decide: (state: LedgerState) => Decision): Decision {
  const { statements } = store
  const { ids, head } = store
  if (!ids.isFolding && head - ids.foldedThrough >= UNFOLDED_ENTRIES_MAX) ids.startFolding(head)
  if (ids.isFolding) foldSome(store)
  statements.begin.run()
  let decision: Decision
  let written: Written
  try {
    const loaded = emptyRows(store.head)
    for (let touched = rows(loaded); touched !== null; touched = rows(loaded)) {
      loadRows(loaded, touched, store)
    }
    decision = decide(loaded)
    written = write(store, decision, loaded)
    statements.commit.run()
  } catch (error) {
    statements.rollback.run()
    throw error
  }
  remember(store, decision, written)
  return decision
}

/** What a transaction wrote and memory takes over once it is committed. */
interface Written {
  readonly bytes: number
  readonly organizations: readonly string[]
  /** Of each entry the key of its id. */
  readonly keys: readonly number[]
  readonly openSpan: CallTimes | null
}

function write(store: Store, { changes }: Decision, loaded: LedgerState): Written {
  const { statements } = store
  const organizations = newOrganizations(store, changes.entries)
  for (const organization of organizations) statements.insertOrganization.run(organization)
  const { bytes, keys } = insertEntries(store, changes.entries)
  for (const entry of changes.entries) {
    if (entry.event.kind === 'adjustment') insertAdjustment(statements, changes.entries, loaded, entry)
    for (const { agent, at } of concernedBy(entry)) statements.insertWalletEntry.run(entry.organization, agent, entry.seq, at)
  }
  const openSpan = store.spans.write(changes.entries)
  for (const run of changes.runs) {
    const { id, organization, parentRun, startedAt, startedSeq, endedAt, success, errorCode } = run
    const outcome = success === null ? null : Number(success)
    statements.putRun.run(id, organization, parentRun, startedAt, endedAt, outcome, errorCode, ...attributionValues(run), startedSeq)
  }
  for (const session of changes.sessions) {
    statements.putSession.run(session.id, session.organization, session.startedAt, session.endedAt, ...attributionValues(session))
  }
  for (const { organization, account, debits, credits } of changes.accounts) {
    statements.putAccount.run(organization, account, debits.toString(), credits.toString())
  }
  store.budgets.write(changes)
  store.breakers.write(changes.breakers)
  for (const draft of changes.audits) store.appendAudit(draft)
  return { bytes, organizations, keys, openSpan }
}

function newOrganizations({ organizations }: Store, entries: readonly JournalEntry[]): string[] {
  const added: string[] = []
  for (const { organization } of entries) {
    if (!organizations.has(organization) && !added.includes(organization)) added.push(organization)
  }
  return added
}

function insertEntries({ statements, ids, head }: Store, entries: readonly JournalEntry[]): Pick<Written, 'bytes' | 'keys'> {
  const keys: number[] = []
  let values: EntryValues[number][] = []
  let bytes = 0
  for (const entry of entries) {
    const key = keyOf(ids, entry)
    assert(entry.seq === head + keys.push(key), 'the journal has no gaps')
    const body = encodeEntry(entry)
    bytes += body.length
    values.push(entry.seq, entry.organization, entry.event.kind, entry.recordedAt, body, key)
    if (keys.length % ENTRIES_AT_ONCE !== 0) continue
    statements.insertEntries.run(values)
    values = []
  }
  for (let at = 0; at < values.length; at += ENTRY_VALUES)
    statements.insertEntry.run(...(values.slice(at, at + ENTRY_VALUES) as EntryValues))
  return { bytes, keys }
}

const ENTRY_VALUES = 6

function insertAdjustment(statements: LedgerStatements, entries: readonly JournalEntry[], loaded: LedgerState, entry: JournalEntry): void {
  assert(entry.event.kind === 'adjustment', 'an adjustment')
  const { call } = entry.event.adjustment
  const { organization } = entry
  const posted =
    loaded.posted.get(eventKey(organization, 'call', call)) ??
    entries.find(({ event, ...of }) => event.kind === 'call' && of.organization === organization && event.call.id === call)
  assert(posted !== undefined, 'an adjustment has its call')
  statements.insertAdjustment.run(posted.seq, entry.seq)
}

/** What the writer knows in memory follows the commit; a rollback leaves it as it was. */
function remember(store: Store, { changes }: Decision, written: Written): void {
  for (const [at, key] of written.keys.entries()) store.ids.remember(key, store.head + at + 1)
  for (const organization of written.organizations) store.organizations.add(organization)
  store.spans.written(written.openSpan)
  keepChanged(store.kept, changes)
  store.anyWallet ||= changes.accounts.some(({ account }) => isWalletAccount(account))
  store.budgets.committed(changes)
  store.breakers.committed(changes.breakers)
  store.head += changes.entries.length
  store.checkpointer.wrote(written.bytes)
}

/** Ids written before one batch: whoever is in it waits for them, some ten milliseconds. */
const IDS_AT_ONCE = 8_192

function foldAll(store: Store): void {
  const { ids, head } = store
  for (;;) {
    if (!ids.isFolding) {
      if (ids.foldedThrough === head) return
      ids.startFolding(head)
    }
    foldSome(store)
  }
}

function foldSome({ statements, ids, checkpointer }: Store): void {
  statements.begin.run()
  try {
    ids.foldSome(IDS_AT_ONCE)
    statements.commit.run()
  } catch (error) {
    statements.rollback.run()
    throw error
  }
  ids.foldedSome(IDS_AT_ONCE)
  checkpointer.wrote(FOLD_BYTES)
}

/** A slice rewrites its share of a segment. */
const FOLD_BYTES = 2 * 1024 * 1024

function readCalls(store: Store, range: TimeRange, afterSeq: number): CallsRead {
  const piece = store.spans.next(range, afterSeq)
  if (piece === null) return { entries: [], adjustments: [], throughSeq: store.head }
  const throughSeq = piece.throughSeq ?? store.head
  const entries = store.statements.callsBetween.all(piece.afterSeq, throughSeq).map(entryOf)
  const adjustments = store.statements.adjustmentsBetween
    .all(piece.afterSeq, throughSeq)
    .map((row) => ({ callSeq: row.call_seq, entry: entryOf(row) }))
  return { entries: entries.filter((entry) => isCallIn(range, entry)), adjustments, throughSeq }
}

function findPosted(store: Store, organization: string | null, kind: RecordEvent['kind'], id: string): JournalEntry | null {
  const key = store.ids.keyOf(kind, id)
  return entryAmong(store.statements, store.ids.find([key]).get(key) ?? [], organization, kind, id)
}

import type { Database } from 'better-sqlite3'
import { assert } from '../../kernel/index.ts'
import {
  type Decision,
  encodeEntry,
  eventKey,
  idOfEvent,
  type JournalEntry,
  type LedgerState,
  type LedgerStore,
  type RecordEvent,
  type RowsNeeded,
} from '../../ledger/index.ts'
import type { Checkpointer } from './checkpoint.ts'
import { type KeptRows, keepChanged, keptRows } from './kept-rows.ts'
import { emptyRows, entryAmong, entryOf, loadRows } from './load.ts'
import { PostedIds } from './posted-ids.ts'
import { accountOf, attributionValues, runOf, sessionOf } from './rows.ts'
import { type LedgerStatements, prepareLedger } from './statements.ts'

export interface LedgerParts {
  readonly database: Database
  readonly secret: readonly [number, number]
  readonly checkpointer: Checkpointer
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
    findCall: async (organization, id) => findPosted(store, organization, 'call', id),
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
    organizations: async () => statements.organizations.all(),
    close: async () => {
      if (parts.database.open) foldIds(store)
      parts.close()
    },
  }
}

/** Entries between two foldings of ids: bounds the memory they take and what a start has to read. */
const UNFOLDED_ENTRIES_MAX = 65_536

export interface Store {
  readonly statements: LedgerStatements
  readonly ids: PostedIds
  readonly organizations: Set<string>
  readonly checkpointer: Checkpointer
  readonly kept: KeptRows
  head: number
}

function openStore({ database, secret, checkpointer }: LedgerParts): Store {
  const statements = prepareLedger(database)
  const ids = new PostedIds(database, secret)
  const organizations = new Set(statements.organizations.all())
  const store: Store = { statements, ids, organizations, checkpointer, kept: keptRows(), head: statements.head.get() ?? 0 }
  for (const row of statements.entriesAfter.iterate(ids.foldedThrough, UNFOLDED_ENTRIES_MAX * 2)) rememberId(store, entryOf(row))
  assert(store.head - ids.foldedThrough <= UNFOLDED_ENTRIES_MAX * 2, 'the unfolded end of the journal is short')
  return store
}

function transact(store: Store, rows: RowsNeeded, decide: (state: LedgerState) => Decision): Decision {
  const { statements } = store
  if (store.head - store.ids.foldedThrough >= UNFOLDED_ENTRIES_MAX) foldIds(store)
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

interface Written {
  readonly bytes: number
  readonly organizations: readonly string[]
}

function write(store: Store, { changes }: Decision, loaded: LedgerState): Written {
  const { statements } = store
  const organizations: string[] = []
  let bytes = 0
  let seq = store.head
  for (const entry of changes.entries) {
    assert(entry.seq === ++seq, 'the journal has no gaps')
    if (!store.organizations.has(entry.organization) && !organizations.includes(entry.organization)) {
      organizations.push(entry.organization)
      statements.insertOrganization.run(entry.organization)
    }
    const body = encodeEntry(entry)
    bytes += body.length
    statements.insertEntry.run(entry.seq, entry.organization, entry.event.kind, entry.recordedAt, body)
    if (entry.event.kind === 'adjustment') insertAdjustment(statements, changes.entries, loaded, entry)
  }
  for (const run of changes.runs) {
    const { id, organization, parentRun, startedAt, endedAt, success, errorCode } = run
    const outcome = success === null ? null : Number(success)
    statements.putRun.run(id, organization, parentRun, startedAt, endedAt, outcome, errorCode, ...attributionValues(run))
  }
  for (const session of changes.sessions) {
    statements.putSession.run(session.id, session.organization, session.startedAt, session.endedAt, ...attributionValues(session))
  }
  for (const { organization, account, debits, credits } of changes.accounts) {
    statements.putAccount.run(organization, account, debits.toString(), credits.toString())
  }
  return { bytes, organizations }
}

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
  for (const entry of changes.entries) rememberId(store, entry)
  for (const organization of written.organizations) store.organizations.add(organization)
  keepChanged(store.kept, changes)
  store.head += changes.entries.length
  store.checkpointer.wrote(written.bytes)
}

function rememberId(store: Store, entry: JournalEntry): void {
  store.ids.remember(store.ids.keyOf(entry.event.kind, idOfEvent(entry.event)), entry.seq)
}

function foldIds(store: Store): void {
  const { statements, ids, head } = store
  if (ids.foldedThrough === head) return
  statements.begin.run()
  try {
    ids.fold(head)
    statements.commit.run()
  } catch (error) {
    statements.rollback.run()
    throw error
  }
  ids.folded(head)
  store.checkpointer.wrote(FOLD_BYTES)
}

/** A folding rewrites up to a whole segment. */
const FOLD_BYTES = 8 * 1024 * 1024

function findPosted(store: Store, organization: string | null, kind: RecordEvent['kind'], id: string): JournalEntry | null {
  const key = store.ids.keyOf(kind, id)
  return entryAmong(store.statements, store.ids.find([key]).get(key) ?? [], organization, kind, id)
}

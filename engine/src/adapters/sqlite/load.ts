import {
  type AccountState,
  decodeEntry,
  eventKey,
  idOfEvent,
  isWalletAccount,
  type JournalEntry,
  type LedgerState,
  type RecordEvent,
  type RunState,
  rowKey,
  type SessionState,
  type Touched,
} from '../../ledger/index.ts'
import { type BreakerRows, emptyBreakers, type LoadedBreakers } from './breakers/breaker-rows.ts'
import type { BudgetRows, LoadedBudgets } from './budgets/budget-rows.ts'
import type { PostedIds } from './ids/posted-ids.ts'
import { type KeptRows, keptOr } from './kept-rows.ts'
import { accountOf, type EntryRow, runOf, sessionOf, storedEntryOf } from './rows.ts'
import type { LedgerStatements } from './statements.ts'

/** The state while it is being loaded. */
export interface LoadedRows extends LedgerState, LoadedBudgets {
  readonly posted: Map<string, JournalEntry>
  readonly runs: Map<string, RunState>
  readonly sessions: Map<string, SessionState>
  readonly accounts: Map<string, AccountState>
  readonly adjustments: Map<string, readonly JournalEntry[]>
  readonly budgets: LoadedBudgets['budgets']
  readonly counters: LoadedBudgets['counters']
  readonly holds: LoadedBudgets['holds']
  readonly breakers: LoadedBreakers
  readonly tail: JournalEntry[]
}

export function emptyRows(head: number): LoadedRows {
  return {
    posted: new Map(),
    runs: new Map(),
    sessions: new Map(),
    accounts: new Map(),
    adjustments: new Map(),
    holds: new Map(),
    budgets: new Map(),
    counters: new Map(),
    breakers: emptyBreakers(),
    tail: [],
    head,
  }
}

export interface LoadFrom {
  readonly statements: LedgerStatements
  readonly ids: PostedIds
  readonly kept: KeptRows
  readonly budgets: BudgetRows
  readonly breakers: BreakerRows
  /** False while there is no wallet at all, so that calls need not look for one. */
  readonly anyWallet: boolean
}

/** Adds the touched rows that exist. */
export function loadRows(into: LoadedRows, touched: Touched, { statements, ids, kept, budgets, breakers, anyWallet }: LoadFrom): void {
  loadPosted(into, touched, statements, ids)
  budgets.load(into, touched)
  breakers.load(into.breakers, touched)
  if (touched.entriesAfter !== null) into.tail.push(...statements.entriesAfter.all(touched.entriesAfter, into.head).map(entryOf))
  for (const { organization, id } of touched.runs) {
    const key = rowKey(organization, id)
    const run = keptOr(kept.runs, key, () => mapped(statements.run.get(id, organization), runOf))
    if (run !== undefined) into.runs.set(key, run)
  }
  for (const { organization, id } of touched.sessions) {
    const key = rowKey(organization, id)
    const session = keptOr(kept.sessions, key, () => mapped(statements.session.get(id, organization), sessionOf))
    if (session !== undefined) into.sessions.set(key, session)
  }
  for (const { organization, account } of touched.accounts) {
    if (!anyWallet && isWalletAccount(account)) continue
    const key = rowKey(organization, account)
    const state = keptOr(kept.accounts, key, () => mapped(statements.account.get(organization, account), accountOf))
    if (state !== undefined) into.accounts.set(key, state)
  }
  for (const { organization, id } of touched.adjustmentsOf) {
    const call = into.posted.get(eventKey(organization, 'call', id))
    if (call === undefined) continue
    into.adjustments.set(rowKey(organization, id), statements.adjustmentsOf.all(call.seq).map(entryOf))
  }
}

function mapped<Row, State>(row: Row | undefined, stateOf: (row: Row) => State): State | undefined {
  return row === undefined ? undefined : stateOf(row)
}

/** All ids of a batch are looked up together; nearly always none of them is there. */
function loadPosted(into: LoadedRows, touched: Touched, statements: LedgerStatements, ids: PostedIds): void {
  const keys = touched.ids.map(({ kind, id }) => ids.keyOf(kind, id))
  const found = ids.find(keys)
  if (found.size === 0) return
  for (const [at, { organization, kind, id }] of touched.ids.entries()) {
    const seqs = found.get(keys[at] ?? 0)
    const entry = seqs === undefined ? null : entryAmong(statements, seqs, organization, kind, id)
    if (entry !== null) into.posted.set(eventKey(organization, kind, id), entry)
  }
}

/** The entry, among those whose ids share a key, that really is the one asked for. */
export function entryAmong(
  statements: LedgerStatements,
  seqs: readonly number[],
  organization: string | null,
  kind: RecordEvent['kind'],
  id: string,
): JournalEntry | null {
  for (const seq of seqs) {
    const row = statements.entry.get(seq)
    if (row === undefined || row.kind !== kind || (organization !== null && row.organization !== organization)) continue
    const entry = entryOf(row)
    if (idOfEvent(entry.event) === id) return entry
  }
  return null
}

export function entryOf(row: EntryRow): JournalEntry {
  return decodeEntry(storedEntryOf(row))
}

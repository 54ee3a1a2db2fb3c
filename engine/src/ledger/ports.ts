import type { Millis, Picos, Refusal, Result } from '../kernel/index.ts'
import type { AgentKey, AgentState } from './agent/state.ts'
import type { AuditDraft, AuditEntry } from './audit-records.ts'
import type { BreakerChanges, BreakerState, BreakersTouched } from './breaker/draft-breakers.ts'
import type { BreakerKey, BreakerRow, BreakerRule } from './breaker/rule.ts'
import type { HoldState } from './budget/hold-state.ts'
import type { BudgetRule, CounterKey, CounterState } from './budget/rule.ts'
import type { AccountKey, AccountState, Command, JournalEntry, Posted, RecordEvent, RunState, SessionState } from './records.ts'

/** The rows a batch of commands touches, so that a store can load and lock them in one fixed order. Nothing is listed twice. */
export interface Touched {
  /** Ids of events by organization and kind, for idempotency. */
  readonly ids: readonly { readonly organization: string; readonly kind: RecordEvent['kind']; readonly id: string }[]
  readonly runs: readonly { readonly organization: string; readonly id: string }[]
  readonly sessions: readonly { readonly organization: string; readonly id: string }[]
  readonly accounts: readonly { readonly organization: string; readonly account: string }[]
  /** Calls whose adjustments so far are needed. */
  readonly adjustmentsOf: readonly { readonly organization: string; readonly id: string }[]
  /** Calls that money may be held for. */
  readonly holds: readonly { readonly organization: string; readonly id: string }[]
  /** Organizations whose budgets and breakers are needed, all of them. */
  readonly budgetsOf: readonly string[]
  readonly counters: readonly CounterKey[]
  /** Organizations of which every hold is needed. */
  readonly holdsOf: readonly string[]
  /** All entries after this one; null: none are needed. */
  readonly entriesAfter: number | null
  readonly breakers: BreakersTouched
}

/**
 * Says which rows to load next, given what is loaded; null when nothing is missing. What a row names may be needed too (the parents
 * of a run, the account of a call that is adjusted), so a store asks again after each load. One batch, one such function: it remembers.
 */
export type RowsNeeded = (loaded: LedgerState) => Touched | null

/** The rows as they stand, given to `decide`. Keys are made by `rowKey` and `eventKey`. */
export interface LedgerState {
  /** Entries already posted under a touched id, by `eventKey(organization, kind, id)`. */
  readonly posted: ReadonlyMap<string, JournalEntry>
  readonly runs: ReadonlyMap<string, RunState>
  readonly sessions: ReadonlyMap<string, SessionState>
  readonly accounts: ReadonlyMap<string, AccountState>
  /** By `rowKey(organization, call id)`, oldest first; absent when there are none. */
  readonly adjustments: ReadonlyMap<string, readonly JournalEntry[]>
  /** What holds now, by `rowKey(organization, call id)`. */
  readonly holds: ReadonlyMap<string, HoldState>
  /** By organization, in the order of their creation. */
  readonly budgets: ReadonlyMap<string, readonly BudgetRule[]>
  /** By `counterKey`. */
  readonly counters: ReadonlyMap<string, CounterState>
  readonly breakers: BreakerState
  /** The newest entries, where they were asked for: all after some entry, in order. */
  readonly tail: readonly JournalEntry[]
  readonly head: number
}

/** What a batch changes. Written whole or not at all. */
export interface Changes {
  readonly entries: readonly JournalEntry[]
  readonly runs: readonly RunState[]
  readonly sessions: readonly SessionState[]
  readonly accounts: readonly AccountState[]
  readonly holds: readonly HoldState[]
  /** Holds that hold no more. */
  readonly holdsEnded: readonly { readonly organization: string; readonly id: string }[]
  readonly budgets: readonly BudgetRule[]
  /** Budgets that are gone, with their counters. */
  readonly budgetsRemoved: readonly { readonly organization: string; readonly id: string }[]
  readonly counters: readonly CounterState[]
  readonly breakers: BreakerChanges
  readonly audits: readonly AuditDraft[]
}

export interface Decision {
  /** One per command, in their order. */
  readonly outcomes: readonly Result<Posted, Refusal>[]
  readonly changes: Changes
  readonly read: RowsRead
}

/** Rows that a decision read, asked for before or not: it becomes known only by deciding which ones a call is counted in, and what pays it. */
export interface RowsRead {
  readonly counters: readonly CounterKey[]
  readonly accounts: readonly AccountKey[]
  readonly breakers: readonly BreakerKey[]
  readonly agents: readonly AgentKey[]
}

/** Committed entries, from a connection of one's own: another thread follows the journal with it. */
export interface JournalReader {
  head(): number
  /** Committed entries after `afterSeq`, in order. */
  read(afterSeq: number, limit: number): JournalEntry[]
  close(): void
}

/** Times from `from` up to, not including, `to`; infinite where there is no bound. */
export interface TimeRange {
  readonly from: Millis
  readonly to: Millis
}

/** A piece of the journal's calls, and how far it has been read. */
export interface CallsRead {
  readonly entries: JournalEntry[]
  readonly throughSeq: number
  /** The adjustments of calls in the piece, also of those outside the range, in the order of their calls. */
  readonly adjustments: readonly { readonly callSeq: number; readonly entry: JournalEntry }[]
}

/** The books of all organizations at one moment, and how far the journal had come. */
export interface Books {
  readonly head: number
  readonly accounts: readonly AccountState[]
  readonly counters: readonly CounterState[]
  readonly agents: readonly AgentState[]
}

/**
 * A commit of which it is not known whether it happened: the connection was lost in the middle of it, and the store cannot be asked. Whoever sends the
 * command again, with the same id, finds out and does no harm.
 */
export class CommitUnknown extends Error {
  override readonly name = 'CommitUnknown'
}

/** Where the ledger lives. SQLite and PostgreSQL implement it; one shared suite runs against both. */
export interface LedgerStore {
  /**
   * One transaction: load and lock the rows needed, decide, write the changes, commit durably. Resolves only when a crash
   * cannot lose it any more; rejects when nothing was written, or with `CommitUnknown`. `rows` is first asked before the head is known.
   */
  transact(rows: RowsNeeded, decide: (state: LedgerState) => Decision): Promise<Decision>
  /** Seq of the newest committed entry, 0 for an empty journal. */
  head(): Promise<number>
  /** Committed entries after `afterSeq`, in order. */
  read(afterSeq: number, limit: number): Promise<JournalEntry[]>
  /**
   * Entries of calls that happened in the range, by their own account, or count in it, because they were held for then; in order, from the next piece
   * of the journal after `afterSeq`; `throughSeq` is where to go on,
   * and the head when that is all. Pieces without such calls are passed over, not read.
   */
  readCalls(range: TimeRange, afterSeq: number): Promise<CallsRead>
  /** The entry that posted a call, or null. `organization` null looks in all of them. */
  findCall(organization: string | null, id: string): Promise<JournalEntry | null>
  /** The entry that posted an event of a kind under an id, or null. */
  findEntry(organization: string, kind: RecordEvent['kind'], id: string): Promise<JournalEntry | null>
  /** Adjustments of a call, oldest first. */
  findAdjustments(organization: string, callId: string): Promise<JournalEntry[]>
  /** Runs with this id; more than one only across organizations. */
  findRuns(organization: string | null, id: string): Promise<RunState[]>
  findSessions(organization: string | null, id: string): Promise<SessionState[]>
  accounts(organization: string | null): Promise<AccountState[]>
  /** One account; null when nothing has touched it. */
  account(organization: string, account: string): Promise<AccountState | null>
  /** Entries after `afterSeq` that moved money of an agent within a time, but for its calls; in order, at most so many. */
  walletEntries(organization: string, agent: string, range: TimeRange, afterSeq: number, limit: number): Promise<JournalEntry[]>
  organizations(): Promise<string[]>
  /** In the order of their creation. */
  budgets(organization: string | null): Promise<BudgetRule[]>
  /** Every counter that something was counted or held in. */
  counters(organization: string | null): Promise<CounterState[]>
  counter(key: CounterKey): Promise<CounterState | null>
  /** What holds, and what has expired and was not settled. */
  holds(organization: string | null): Promise<HoldState[]>
  /** Holds for a call of this id; more than one only across organizations. */
  findHolds(organization: string | null, id: string): Promise<HoldState[]>
  /** Holds whose deadline has come, the earliest first, of all organizations. */
  holdsDue(now: Millis, limit: number): Promise<HoldState[]>
  /** In the order of their creation. */
  breakers(organization: string | null): Promise<BreakerRule[]>
  /** What breakers have seen lately. */
  breakerRows(organization: string | null): Promise<BreakerRow[]>
  /** Organizations in which a breaker keeps what says nothing any more. */
  breakersToSweep(now: Millis): Promise<string[]>
  /** The states of agents that were ever changed. */
  agentStates(organization: string | null): Promise<AgentState[]>
  /** What `verify` compares with the journal, all of it as it stood at one moment. */
  books(): Promise<Books>
  close(): Promise<void>
}

/**
 * A key of an organization (or of all: the bootstrap key). Either we made its secret, of which only the SHA-256 is kept, or an agent keeps a
 * private key of its own and signs its requests, of which only the public half is here.
 */
export interface KeyRecord {
  readonly id: string
  readonly organization: string | null
  readonly name: string
  /** First characters of the secret or of the public key, to recognise it by. */
  readonly prefix: string
  /** Of the secret; null for a key that signs. */
  readonly sha256: string | null
  /** The Ed25519 public key as 32 bytes in base64url; null for a key with a secret. */
  readonly publicKey: string | null
  readonly agent: string | null
  /** Names of allowed operations; null: all that the key's kind may do. */
  readonly operations: readonly string[] | null
  /** Attribution that a call inherits from the key. */
  readonly team: string | null
  readonly project: string | null
  readonly costCenter: string | null
  readonly createdAt: Millis
  readonly expiresAt: Millis | null
  readonly revokedAt: Millis | null
  /** The key that replaces this one; both work until `expiresAt`. */
  readonly replacedBy: string | null
  /** Made where no key was needed, to tell agents apart: it does not end that no key is needed. */
  readonly sandbox?: true
}

/** A key as it will be, and who changed it. */
export interface KeyChange {
  readonly key: KeyRecord
  readonly audit: AuditDraft
}

/** When a key was last used. */
export interface KeyUse {
  readonly id: string
  readonly at: Millis
}

export interface KeyStore {
  /** Keys and their entries in the audit trail, all in one transaction: keys that replace or open each other are never there by half. */
  putKeys(changes: readonly KeyChange[]): Promise<void>
  keyBySha256(sha256: string): Promise<KeyRecord | null>
  key(id: string): Promise<KeyRecord | null>
  keys(organization: string | null): Promise<KeyRecord[]>
  /** Notes when keys were last used; a time that is earlier than the one noted changes nothing. No change of a key, so not audited. */
  noteUses(uses: readonly KeyUse[]): Promise<void>
  /** The last uses that were noted, by the id of the key. */
  lastUses(organization: string | null): Promise<ReadonlyMap<string, Millis>>
  /**
   * Only where several processes write: the keys that changed after a version, and the version now. Asked before each request is let in, so
   * that what one process revokes is refused by all of them with the next request.
   */
  readonly changedAfter?: (version: number) => Promise<{ readonly version: number; readonly keys: readonly KeyRecord[] }>
}

export interface AuditStore {
  audit(entry: AuditDraft): Promise<AuditEntry>
  auditTrail(organization: string | null, afterSeq: number, limit: number): Promise<AuditEntry[]>
}

/** How far other nodes have come that work on the same database. */
export interface PeerNews {
  /** Seq of the newest committed entry, whichever node has posted it. */
  readonly head: number
  /** Changes whenever a key does. */
  readonly keysVersion: string
  /** Changes whenever a rate does. */
  readonly ratesVersion: string
  /** Changes whenever a document does. */
  readonly documentsVersion: string
}

/** The other nodes of a database that several may work on. */
export interface Peers {
  /** What was committed when this was asked, by any node. */
  news(): Promise<PeerNews>
  /** Calls back soon after the ledger has grown, on any node; a call may be lost with its connection. */
  listen(onNews: () => void): Promise<void>
}

/** Sums that `verify` compares. */
export interface JournalSums {
  readonly head: number
  readonly calls: number
  readonly cost: Picos
}

/** The door of the ledger for everything above it. */
export interface Committer {
  submit(command: Command): Promise<Result<Posted, Refusal>>
  /** Many commands that came together; outcomes in their order. One `transact` takes at most `LIMITS.commandsPerBatchMax` of them. */
  submitAll(commands: readonly Command[]): Promise<Result<Posted, Refusal>[]>
  /** Seq of the newest entry acknowledged to a caller. */
  head(): number
  close(): Promise<void>
}

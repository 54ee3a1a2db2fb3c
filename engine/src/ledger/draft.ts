import { assert, ok, type Picos, type Result, sumPicos } from '../kernel/index.ts'
import { emptyAccount, moved } from './accounts.ts'
import type { AuditDraft } from './audit-records.ts'
import { type BreakerDraft, breakerDraft, forkOfBreakers } from './breaker/draft-breakers.ts'
import type { Trip } from './breaker/rule.ts'
import type { HoldState } from './budget/hold-state.ts'
import type { Crossing } from './budget/room.ts'
import type { BudgetRule, CounterKey, CounterState } from './budget/rule.ts'
import type { Changes, LedgerState } from './ports.ts'
import type {
  AccountKey,
  AccountState,
  Inherited,
  JournalEntry,
  Posted,
  RecordCommand,
  RecordEvent,
  RunState,
  SessionState,
  Settled,
  Transfer,
} from './records.ts'
import { eventKey, idOfEvent, rowKey } from './row-keys.ts'

/** The rows as the commands decided so far have left them: what was loaded, under what this batch has written. */
export interface Draft {
  readonly loaded: LedgerState
  readonly posted: Map<string, JournalEntry>
  readonly runs: Map<string, RunState>
  readonly sessions: Map<string, SessionState>
  readonly accounts: Map<string, AccountState>
  readonly adjustments: Map<string, JournalEntry[]>
  readonly entries: JournalEntry[]
  /** Null: it held, and holds no more. */
  readonly holds: Map<string, HoldState | null>
  readonly budgets: Map<string, readonly BudgetRule[]>
  /** Budgets of this batch that were set, by `rowKey`; null: removed. */
  readonly budgetsSet: Map<string, BudgetRule | null>
  readonly counters: Map<string, CounterState>
  /** Counters that were read, by `counterKey`. */
  readonly countersRead: Map<string, CounterKey>
  /** Breakers, what they have seen, and the states of agents. */
  readonly breakers: BreakerDraft
  /** Entries of the audit trail, in the order of the changes behind them. */
  readonly audits: AuditDraft[]
  /** Accounts that were read or moved, by `rowKey`. */
  readonly accountsRead: Map<string, AccountKey>
}

export function draftOf(loaded: LedgerState): Draft {
  return {
    loaded,
    posted: new Map(),
    runs: new Map(),
    sessions: new Map(),
    accounts: new Map(),
    adjustments: new Map(),
    entries: [],
    holds: new Map(),
    budgets: new Map(),
    budgetsSet: new Map(),
    counters: new Map(),
    countersRead: new Map(),
    breakers: breakerDraft(),
    audits: [],
    accountsRead: new Map(),
  }
}

/**
 * A draft to try commands on: what it changes is seen by nobody until it takes the place of the one it was made of. Which rows it has read stays known
 * to both, because they have to be loaded in any case.
 */
export function forkOf(draft: Draft): Draft {
  return {
    ...draft,
    posted: new Map(draft.posted),
    runs: new Map(draft.runs),
    sessions: new Map(draft.sessions),
    accounts: new Map(draft.accounts),
    adjustments: new Map([...draft.adjustments].map(([call, entries]) => [call, [...entries]])),
    entries: [...draft.entries],
    holds: new Map(draft.holds),
    budgets: new Map(draft.budgets),
    budgetsSet: new Map(draft.budgetsSet),
    counters: new Map(draft.counters),
    breakers: forkOfBreakers(draft.breakers),
    audits: [...draft.audits],
  }
}

export function postedIn(draft: Draft, organization: string, kind: RecordEvent['kind'], id: string): JournalEntry | undefined {
  const key = eventKey(organization, kind, id)
  return draft.posted.get(key) ?? draft.loaded.posted.get(key)
}

export function runIn(draft: Draft, organization: string, id: string): RunState | undefined {
  const key = rowKey(organization, id)
  return draft.runs.get(key) ?? draft.loaded.runs.get(key)
}

export function sessionIn(draft: Draft, organization: string, id: string): SessionState | undefined {
  const key = rowKey(organization, id)
  return draft.sessions.get(key) ?? draft.loaded.sessions.get(key)
}

/** An account that is there only once it has been opened; null before. What is read here is what has to be loaded. */
export function accountIn(draft: Draft, organization: string, account: string): AccountState | null {
  const key = rowKey(organization, account)
  if (!draft.accountsRead.has(key)) draft.accountsRead.set(key, { organization, account })
  return draft.accounts.get(key) ?? draft.loaded.accounts.get(key) ?? null
}

/** Opens an account with nothing in it. */
export function openAccount(draft: Draft, organization: string, account: string): void {
  const key = rowKey(organization, account)
  assert(!draft.accounts.has(key) && !draft.loaded.accounts.has(key), 'an account is opened once')
  draft.accounts.set(key, emptyAccount(organization, account))
}

export function adjustmentsIn(draft: Draft, organization: string, call: string): readonly JournalEntry[] {
  const key = rowKey(organization, call)
  return [...(draft.loaded.adjustments.get(key) ?? []), ...(draft.adjustments.get(key) ?? [])]
}

export function putRun(draft: Draft, run: RunState): void {
  draft.runs.set(rowKey(run.organization, run.id), run)
}

export function putSession(draft: Draft, session: SessionState): void {
  draft.sessions.set(rowKey(session.organization, session.id), session)
}

/** The seq of the entry that is posted next. */
export function nextSeq(draft: Draft): number {
  return draft.loaded.head + draft.entries.length + 1
}

/** What an entry carries beside its event. */
export interface PostedWith {
  readonly transfers?: readonly Transfer[]
  readonly inherited?: readonly Inherited[]
  readonly late?: boolean
  readonly settled?: Settled
  readonly counted?: readonly CounterKey[]
  readonly crossed?: readonly Crossing[]
  readonly tripped?: readonly Trip[]
  readonly wallet?: string
}

/** Appends an entry to the journal and moves its money. `event` is what the command said, filled with what it inherited. */
export function post(draft: Draft, command: RecordCommand, event: RecordEvent, extra: PostedWith = {}): Result<Posted> {
  const { organization } = command
  const key = eventKey(organization, event.kind, idOfEvent(event))
  assert(!draft.posted.has(key) && !draft.loaded.posted.has(key), 'an id is posted once')
  const transfers = extra.transfers ?? NONE
  const entry: JournalEntry = {
    seq: nextSeq(draft),
    organization,
    recordedAt: command.recordedAt,
    event,
    transfers,
    ...(extra.late === true ? { late: true as const } : {}),
    ...(extra.inherited === undefined || extra.inherited.length === 0 ? {} : { inherited: extra.inherited }),
    ...(extra.settled === undefined ? {} : { settled: extra.settled }),
    ...(extra.counted === undefined || extra.counted.length === 0 ? {} : { counted: extra.counted }),
    ...(extra.crossed === undefined || extra.crossed.length === 0 ? {} : { crossed: extra.crossed }),
    ...(extra.tripped === undefined || extra.tripped.length === 0 ? {} : { tripped: extra.tripped }),
    ...(extra.wallet === undefined ? {} : { wallet: extra.wallet }),
  }
  for (const { debit, credit, amount } of transfers) {
    move(draft, organization, debit, 'debit', amount)
    move(draft, organization, credit, 'credit', amount)
  }
  draft.posted.set(key, entry)
  draft.entries.push(entry)
  return ok({ entry, replayed: false })
}

/** What the batch changes, checked: entries follow the head without a gap, and what was debited was credited. */
export function changesOf(draft: Draft): Pick<Changes, 'entries' | 'runs' | 'sessions' | 'accounts'> {
  const { entries } = draft
  assert((entries.at(-1)?.seq ?? draft.loaded.head) === draft.loaded.head + entries.length, 'the journal has no gaps')
  const accounts = [...draft.accounts.values()]
  for (const organization of new Set(accounts.map((account) => account.organization))) assertBalanced(draft, organization, accounts)
  return { entries, runs: [...draft.runs.values()], sessions: [...draft.sessions.values()], accounts }
}

function assertBalanced(draft: Draft, organization: string, accounts: readonly AccountState[]): void {
  const after = accounts.filter((account) => account.organization === organization)
  const before = after.map(
    (account) => draft.loaded.accounts.get(rowKey(organization, account.account)) ?? emptyAccount(organization, account.account),
  )
  const debited = sumPicos(after.map((account) => account.debits)) - sumPicos(before.map((account) => account.debits))
  const credited = sumPicos(after.map((account) => account.credits)) - sumPicos(before.map((account) => account.credits))
  assert(debited === credited, `debits equal credits in ${organization}`)
}

function move(draft: Draft, organization: string, account: string, side: 'debit' | 'credit', amount: Picos): void {
  const key = rowKey(organization, account)
  if (!draft.accountsRead.has(key)) draft.accountsRead.set(key, { organization, account })
  const before = draft.accounts.get(key) ?? draft.loaded.accounts.get(key) ?? emptyAccount(organization, account)
  const after = moved(before, side, amount)
  assert(after.debits >= 0n && after.credits >= 0n, 'what was debited or credited in all is never negative')
  draft.accounts.set(key, after)
}

const NONE: readonly Transfer[] = []

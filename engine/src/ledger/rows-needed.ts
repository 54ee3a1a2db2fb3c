import { assert } from '../kernel/index.ts'
import { expenseAccount, FUNDING } from './accounts.ts'
import { type AgentKey, EVERY_AGENT } from './agent/state.ts'
import { NO_BREAKERS_TOUCHED } from './breaker/draft-breakers.ts'
import { breakerRowKey } from './breaker/matching.ts'
import type { LedgerState, RowsNeeded, RowsRead, Touched } from './ports.ts'
import type { Command, CommandEvent, JournalEntry, RecordCommand, RunState, Transfer } from './records.ts'
import { counterKey, eventKey, idOfEvent, rowKey } from './row-keys.ts'
import { purchasesAccount, revenueAccount, transfersOf, transfersOfEscrow, walletAccount } from './wallet/accounts.ts'

/**
 * The rows that a batch of commands needs, asked for in rounds: first what the commands name, then what the loaded rows name
 * (parents of runs, sessions of runs, the call behind an adjustment), until nothing is missing. Pure but for its own memory of what it asked.
 */
export function rowsNeeded(commands: readonly Command[]): RowsOfCommands {
  const asked = nothingAsked()
  let first = true
  return {
    named: (loaded) => {
      const next = nothingTouched()
      if (first) for (const command of commands) askOfCommand(asked, next, command)
      else askOfRows(asked, next, loaded)
      first = false
      const { ids, runs, sessions, accounts, holds } = next
      return ids.length + runs.length + sessions.length + accounts.length + holds.length === 0 ? null : next
    },
    read: (read) => {
      const counters = read.counters.filter((key) => isNew(asked.counters, key.organization, counterKey(key)))
      const accounts = read.accounts.filter((key) => isNew(asked.accounts, key.organization, key.account))
      const rows = read.breakers.filter((key) => isNew(asked.breakerRows, key.organization, breakerRowKey(key)))
      const agents = read.agents.filter(({ organization, agent }) => isNew(asked.agents, organization, agent))
      if (counters.length + accounts.length + rows.length + agents.length === 0) return null
      return { ...nothingTouched(), counters, accounts, breakers: { rows, agents, expired: [] } }
    },
  }
}

export interface RowsOfCommands {
  /** What commands and loaded rows name. */
  readonly named: RowsNeeded
  /** Which of the rows that a decision read have not been asked for: which ones those are, only deciding tells. */
  read(read: RowsRead): Touched | null
}

type MutableTouched = {
  -readonly [K in keyof Touched]: Touched[K] extends readonly (infer Row)[] ? Row[] : Touched[K]
}

function nothingTouched(): MutableTouched {
  return {
    ids: [],
    runs: [],
    sessions: [],
    accounts: [],
    adjustmentsOf: [],
    holds: [],
    budgetsOf: [],
    counters: [],
    holdsOf: [],
    entriesAfter: null,
    breakers: NO_BREAKERS_TOUCHED,
  }
}

/** What was asked for, by organization. No key is made for a row that was asked for before: this runs for every call. */
interface Asked {
  readonly ids: Readonly<Record<CommandEvent['kind'], Seen>>
  readonly runs: Seen
  readonly sessions: Seen
  readonly accounts: Seen
  readonly adjustmentsOf: Seen
  readonly holds: Seen
  readonly budgetsOf: Set<string>
  readonly counters: Seen
  readonly breakerRows: Seen
  readonly agents: Seen
  /** Runs and adjusted calls asked for in the last round, whose rows may name more. */
  newRuns: { organization: string; id: string }[]
  adjusted: { organization: string; id: string }[]
  /** Holds asked for in the last round: they name runs and sessions. */
  newHolds: { organization: string; id: string }[]
  /** Escrows asked for in the last round: they name wallets. */
  newEscrows: { organization: string; id: string }[]
  /** Whether entries were asked for in the last round, of which the calls name runs. */
  tailAsked: boolean
}

type Seen = Map<string, Set<string>>

function nothingAsked(): Asked {
  return {
    ids: {
      call: new Map(),
      run_start: new Map(),
      run_end: new Map(),
      session_start: new Map(),
      session_end: new Map(),
      adjustment: new Map(),
      call_alias: new Map(),
      hold: new Map(),
      hold_extend: new Map(),
      hold_void: new Map(),
      hold_expire: new Map(),
      budget_set: new Map(),
      budget_remove: new Map(),
      breaker_set: new Map(),
      breaker_remove: new Map(),
      breaker_sweep: new Map(),
      agent_state: new Map(),
      wallet_open: new Map(),
      wallet_transfer: new Map(),
      escrow_open: new Map(),
      escrow_end: new Map(),
    },
    runs: new Map(),
    sessions: new Map(),
    accounts: new Map(),
    adjustmentsOf: new Map(),
    holds: new Map(),
    budgetsOf: new Set(),
    counters: new Map(),
    breakerRows: new Map(),
    agents: new Map(),
    newRuns: [],
    adjusted: [],
    newHolds: [],
    newEscrows: [],
    tailAsked: false,
  }
}

function askOfCommand(asked: Asked, next: MutableTouched, command: RecordCommand): void {
  const { organization, event } = command
  askId(asked, next, organization, event.kind, idOfEvent(event))
  if (!asked.budgetsOf.has(organization)) {
    asked.budgetsOf.add(organization)
    next.budgetsOf.push(organization)
  }
  switch (event.kind) {
    case 'call':
      if (!isOurs(event.call.id)) askId(asked, next, organization, 'call_alias', event.call.id)
      askHold(asked, next, organization, event.call.id)
      askRun(asked, next, organization, event.call.run)
      askSession(asked, next, organization, event.call.session)
      // An unpriced call too: an adjustment in the same batch may move its money.
      askAccount(asked, next, organization, FUNDING)
      askAccount(asked, next, organization, expenseAccount(event.call.usage.seller))
      askWallet(asked, next, organization, event.call.agent)
      return
    case 'run_start':
      askRun(asked, next, organization, event.run.id)
      askRun(asked, next, organization, event.run.parentRun)
      askSession(asked, next, organization, event.run.session)
      askWallet(asked, next, organization, event.run.agent)
      return
    case 'run_end':
      askRun(asked, next, organization, event.run.id)
      return
    case 'session_start':
    case 'session_end':
      askSession(asked, next, organization, event.session.id)
      return
    case 'adjustment':
      askId(asked, next, organization, 'call', event.adjustment.call)
      askAdjustments(asked, next, organization, event.adjustment.call)
      askAccount(asked, next, organization, FUNDING)
      return
    default:
      askOfMoney(asked, next, organization, event)
  }
}

const UUID_CHARS = 36
const UUID_VERSION_AT = 14

/** A UUIDv7, as ours are: no provider names its answers so, and it need not be looked for among their names. */
function isOurs(id: string): boolean {
  return id.length === UUID_CHARS && id[UUID_VERSION_AT] === '7'
}

/** What comes before a call or stands beside it: holds, budgets, wallets. */
function askOfMoney(
  asked: Asked,
  next: MutableTouched,
  organization: string,
  event: Exclude<CommandEvent, { kind: 'call' | 'run_start' | 'run_end' | 'session_start' | 'session_end' | 'adjustment' }>,
): void {
  switch (event.kind) {
    case 'hold':
      askHold(asked, next, organization, event.hold.id)
      askId(asked, next, organization, 'call', event.hold.id)
      askRun(asked, next, organization, event.hold.run)
      askSession(asked, next, organization, event.hold.session)
      askAgent(asked, next, organization, EVERY_AGENT)
      askAgent(asked, next, organization, event.hold.agent)
      askWallet(asked, next, organization, event.hold.agent)
      return
    case 'hold_extend':
      askEnds(asked, next, organization, event.extension.call)
      return
    case 'hold_void':
    case 'hold_expire':
      askEnds(asked, next, organization, event.release.id)
      return
    case 'budget_set':
      askId(asked, next, organization, 'budget_remove', event.setting.rule.id)
      next.holdsOf.push(organization)
      next.entriesAfter = Math.min(next.entriesAfter ?? event.setting.throughSeq, event.setting.throughSeq)
      asked.tailAsked = true
      return
    case 'budget_remove':
    case 'breaker_remove':
      return
    case 'breaker_set':
      askId(asked, next, organization, 'breaker_remove', event.setting.rule.id)
      return
    case 'breaker_sweep':
      next.breakers = { ...next.breakers, expired: [...next.breakers.expired, { organization, at: event.sweep.at }] }
      return
    case 'agent_state':
      askAgent(asked, next, organization, event.change.agent)
      return
    case 'wallet_open':
      askWallet(asked, next, organization, event.wallet.id)
      askAccount(asked, next, organization, FUNDING)
      next.holdsOf.push(organization)
      return
    case 'wallet_transfer':
      askAccounts(asked, next, organization, transfersOf(event.transfer))
      return
    case 'escrow_open':
      askAccounts(asked, next, organization, transfersOfEscrow(event.escrow))
      askWallet(asked, next, organization, event.escrow.payee)
      return
    case 'escrow_end':
      askId(asked, next, organization, 'escrow_open', event.end.id)
      asked.newEscrows.push({ organization, id: event.end.id })
      return
  }
}

/** Named by most holds, so that a batch of them need not be decided twice. */
function askAgent(asked: Asked, next: MutableTouched, organization: string, agent: string | null): void {
  if (agent === null || !isNew(asked.agents, organization, agent)) return
  const key: AgentKey = { organization, agent }
  next.breakers = { ...next.breakers, agents: [...next.breakers.agents, key] }
}

/** A hold, and how it may have ended. */
function askEnds(asked: Asked, next: MutableTouched, organization: string, id: string): void {
  askHold(asked, next, organization, id)
  askId(asked, next, organization, 'call', id)
  askId(asked, next, organization, 'hold_void', id)
}

function askOfRows(asked: Asked, next: MutableTouched, loaded: LedgerState): void {
  const { newRuns: runs, adjusted, newHolds: holds, newEscrows: escrows } = asked
  asked.newRuns = []
  asked.adjusted = []
  asked.newHolds = []
  asked.newEscrows = []
  for (const { organization, id } of escrows)
    askSides(asked, next, organization, loaded.posted.get(eventKey(organization, 'escrow_open', id)))
  for (const { organization, id } of holds) {
    const hold = loaded.holds.get(rowKey(organization, id))
    if (hold === undefined) continue
    askRun(asked, next, organization, hold.scope.runs[0] ?? null)
    askSession(asked, next, organization, hold.scope.session)
    askWallet(asked, next, organization, hold.scope.agent)
  }
  if (asked.tailAsked) {
    asked.tailAsked = false
    for (const { organization, event } of loaded.tail) if (event.kind === 'call') askRun(asked, next, organization, event.call.run)
  }
  for (const { organization, id } of runs) {
    const run: RunState | undefined = loaded.runs.get(rowKey(organization, id))
    if (run === undefined) continue
    askRun(asked, next, organization, run.parentRun)
    askSession(asked, next, organization, run.session)
    askWallet(asked, next, organization, run.agent)
  }
  for (const { organization, id } of adjusted) {
    const entry = loaded.posted.get(eventKey(organization, 'call', id))
    if (entry === undefined) continue
    assert(entry.event.kind === 'call', 'an entry is posted under its own kind')
    askAccount(asked, next, organization, expenseAccount(entry.event.call.usage.seller))
    askWallet(asked, next, organization, entry.wallet ?? null)
    // A difference counts in the budgets of the runs above, too.
    askRun(asked, next, organization, entry.event.call.run)
  }
}

function askId(asked: Asked, next: MutableTouched, organization: string, kind: CommandEvent['kind'], id: string): void {
  if (isNew(asked.ids[kind], organization, id)) next.ids.push({ organization, kind, id })
}

function askRun(asked: Asked, next: MutableTouched, organization: string, id: string | null): void {
  if (id === null || !isNew(asked.runs, organization, id)) return
  const run = { organization, id }
  next.runs.push(run)
  asked.newRuns.push(run)
}

function askSession(asked: Asked, next: MutableTouched, organization: string, id: string | null): void {
  if (id !== null && isNew(asked.sessions, organization, id)) next.sessions.push({ organization, id })
}

function askHold(asked: Asked, next: MutableTouched, organization: string, id: string): void {
  if (!isNew(asked.holds, organization, id)) return
  const hold = { organization, id }
  next.holds.push(hold)
  asked.newHolds.push(hold)
}

function askAdjustments(asked: Asked, next: MutableTouched, organization: string, call: string): void {
  if (!isNew(asked.adjustmentsOf, organization, call)) return
  const row = { organization, id: call }
  next.adjustmentsOf.push(row)
  asked.adjusted.push(row)
}

function askAccount(asked: Asked, next: MutableTouched, organization: string, account: string): void {
  if (isNew(asked.accounts, organization, account)) next.accounts.push({ organization, account })
}

function askWallet(asked: Asked, next: MutableTouched, organization: string, agent: string | null): void {
  if (agent !== null) askAccount(asked, next, organization, walletAccount(agent))
}

function askAccounts(asked: Asked, next: MutableTouched, organization: string, transfers: readonly Transfer[]): void {
  for (const { debit, credit } of transfers) {
    askAccount(asked, next, organization, debit)
    askAccount(asked, next, organization, credit)
  }
}

/** Both sides of an escrow that ends: who is paid, and who gets the rest. */
function askSides(asked: Asked, next: MutableTouched, organization: string, opened: JournalEntry | undefined): void {
  if (opened?.event.kind !== 'escrow_open') return
  const { escrow } = opened.event
  askAccounts(asked, next, organization, transfersOfEscrow(escrow))
  askWallet(asked, next, organization, escrow.payee)
  askAccount(asked, next, organization, purchasesAccount(escrow.payer))
  askAccount(asked, next, organization, revenueAccount(escrow.payee))
}

function isNew(seen: Seen, organization: string, id: string): boolean {
  const ids = seen.get(organization)
  if (ids === undefined) {
    seen.set(organization, new Set([id]))
    return true
  }
  if (ids.has(id)) return false
  ids.add(id)
  return true
}

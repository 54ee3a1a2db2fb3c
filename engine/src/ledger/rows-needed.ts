import { assert } from '../kernel/index.ts'
import { expenseAccount, FUNDING } from './accounts.ts'
import type { LedgerState, RowsNeeded, Touched } from './ports.ts'
import type { Command, RecordCommand, RecordEvent, RunState } from './records.ts'
import { eventKey, idOfEvent, rowKey } from './row-keys.ts'

/**
 * The rows that a batch of commands needs, asked for in rounds: first what the commands name, then what the loaded rows name
 * (parents of runs, sessions of runs, the call behind an adjustment), until nothing is missing. Pure but for its own memory of what it asked.
 */
export function rowsNeeded(commands: readonly Command[]): RowsNeeded {
  const asked = nothingAsked()
  let first = true
  return (loaded) => {
    const next: MutableTouched = { ids: [], runs: [], sessions: [], accounts: [], adjustmentsOf: [] }
    if (first) for (const command of commands) askOfCommand(asked, next, command)
    else askOfRows(asked, next, loaded)
    first = false
    return next.ids.length + next.runs.length + next.sessions.length + next.accounts.length === 0 ? null : next
  }
}

type MutableTouched = { -readonly [K in keyof Touched]: Touched[K][number][] }

/** What was asked for, by organization. No key is made for a row that was asked for before: this runs for every call. */
interface Asked {
  readonly ids: Readonly<Record<RecordEvent['kind'], Seen>>
  readonly runs: Seen
  readonly sessions: Seen
  readonly accounts: Seen
  readonly adjustmentsOf: Seen
  /** Runs and adjusted calls asked for in the last round, whose rows may name more. */
  newRuns: { organization: string; id: string }[]
  adjusted: { organization: string; id: string }[]
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
    },
    runs: new Map(),
    sessions: new Map(),
    accounts: new Map(),
    adjustmentsOf: new Map(),
    newRuns: [],
    adjusted: [],
  }
}

function askOfCommand(asked: Asked, next: MutableTouched, command: RecordCommand): void {
  const { organization, event } = command
  askId(asked, next, organization, event.kind, idOfEvent(event))
  switch (event.kind) {
    case 'call':
      askRun(asked, next, organization, event.call.run)
      askSession(asked, next, organization, event.call.session)
      // An unpriced call too: an adjustment in the same batch may move its money.
      askAccount(asked, next, organization, FUNDING)
      askAccount(asked, next, organization, expenseAccount(event.call.usage.seller))
      return
    case 'run_start':
      askRun(asked, next, organization, event.run.id)
      askRun(asked, next, organization, event.run.parentRun)
      askSession(asked, next, organization, event.run.session)
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
  }
}

function askOfRows(asked: Asked, next: MutableTouched, loaded: LedgerState): void {
  const { newRuns: runs, adjusted } = asked
  asked.newRuns = []
  asked.adjusted = []
  for (const { organization, id } of runs) {
    const run: RunState | undefined = loaded.runs.get(rowKey(organization, id))
    if (run === undefined) continue
    askRun(asked, next, organization, run.parentRun)
    askSession(asked, next, organization, run.session)
  }
  for (const { organization, id } of adjusted) {
    const entry = loaded.posted.get(eventKey(organization, 'call', id))
    if (entry === undefined) continue
    assert(entry.event.kind === 'call', 'an entry is posted under its own kind')
    askAccount(asked, next, organization, expenseAccount(entry.event.call.usage.seller))
  }
}

function askId(asked: Asked, next: MutableTouched, organization: string, kind: RecordEvent['kind'], id: string): void {
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

function askAdjustments(asked: Asked, next: MutableTouched, organization: string, call: string): void {
  if (!isNew(asked.adjustmentsOf, organization, call)) return
  const row = { organization, id: call }
  next.adjustmentsOf.push(row)
  asked.adjusted.push(row)
}

function askAccount(asked: Asked, next: MutableTouched, organization: string, account: string): void {
  if (isNew(asked.accounts, organization, account)) next.accounts.push({ organization, account })
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

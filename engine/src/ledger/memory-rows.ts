import type { Changes, LedgerState } from './ports.ts'
import type { JournalEntry } from './records.ts'
import { eventKey, idOfEvent, rowKey } from './row-keys.ts'

/** The state of an empty ledger. */
export const NO_ROWS: LedgerState = {
  posted: new Map(),
  runs: new Map(),
  sessions: new Map(),
  accounts: new Map(),
  adjustments: new Map(),
  head: 0,
}

/** A whole ledger held in memory, after changes: what a store does, with nothing to load. For tests and the simulator. */
export function applyChanges(state: LedgerState, changes: Changes): LedgerState {
  const posted = new Map(state.posted)
  const adjustments = new Map<string, readonly JournalEntry[]>(state.adjustments)
  for (const entry of changes.entries) {
    posted.set(eventKey(entry.organization, entry.event.kind, idOfEvent(entry.event)), entry)
    if (entry.event.kind !== 'adjustment') continue
    const key = rowKey(entry.organization, entry.event.adjustment.call)
    adjustments.set(key, [...(adjustments.get(key) ?? []), entry])
  }
  return {
    posted,
    adjustments,
    runs: overlaid(
      state.runs,
      changes.runs.map((run) => [rowKey(run.organization, run.id), run]),
    ),
    sessions: overlaid(
      state.sessions,
      changes.sessions.map((session) => [rowKey(session.organization, session.id), session]),
    ),
    accounts: overlaid(
      state.accounts,
      changes.accounts.map((account) => [rowKey(account.organization, account.account), account]),
    ),
    head: state.head + changes.entries.length,
  }
}

function overlaid<T>(rows: ReadonlyMap<string, T>, changed: readonly (readonly [string, T])[]): ReadonlyMap<string, T> {
  return new Map([...rows, ...changed])
}

import { type BreakerChanges, type BreakerState, NO_BREAKERS, withBreaker } from './breaker/draft-breakers.ts'
import { breakerRowKey } from './breaker/matching.ts'
import type { BreakerRule } from './breaker/rule.ts'
import { inOrder } from './budget/rule.ts'
import type { Changes, LedgerState } from './ports.ts'
import type { JournalEntry } from './records.ts'
import { counterKey, eventKey, idOfEvent, rowKey } from './row-keys.ts'

/** The state of an empty ledger. */
export const NO_ROWS: LedgerState = {
  posted: new Map(),
  runs: new Map(),
  sessions: new Map(),
  accounts: new Map(),
  adjustments: new Map(),
  holds: new Map(),
  budgets: new Map(),
  counters: new Map(),
  breakers: NO_BREAKERS,
  tail: [],
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
    ...budgetRows(state, changes),
    breakers: breakerRows(state.breakers, changes.breakers),
    // All of the journal: a budget that is set finds what came since it was computed, whenever that was.
    tail: [...state.tail, ...changes.entries],
    head: state.head + changes.entries.length,
  }
}

function budgetRows(state: LedgerState, changes: Changes): Pick<LedgerState, 'holds' | 'budgets' | 'counters'> {
  const holds = new Map(state.holds)
  for (const hold of changes.holds) holds.set(rowKey(hold.organization, hold.id), hold)
  for (const { organization, id } of changes.holdsEnded) holds.delete(rowKey(organization, id))
  const budgets = new Map(state.budgets)
  const counters = new Map(state.counters)
  for (const counter of changes.counters) counters.set(counterKey(counter), counter)
  for (const rule of changes.budgets) {
    const before = budgets.get(rule.organization) ?? []
    const known = before.some(({ id }) => id === rule.id)
    budgets.set(rule.organization, known ? before.map((other) => (other.id === rule.id ? rule : other)) : inOrder([...before, rule]))
  }
  for (const { organization, id } of changes.budgetsRemoved) {
    budgets.set(
      organization,
      (budgets.get(organization) ?? []).filter((rule) => rule.id !== id),
    )
    for (const [key, counter] of counters) if (counter.organization === organization && counter.budget === id) counters.delete(key)
  }
  return { holds, budgets, counters }
}

function breakerRows(state: BreakerState, changes: BreakerChanges): BreakerState {
  const rules = new Map<string, readonly BreakerRule[]>(state.rules)
  const rows = new Map(state.rows)
  for (const row of changes.rows) rows.set(breakerRowKey(row), row)
  for (const key of changes.rowsRemoved) rows.delete(breakerRowKey(key))
  for (const rule of changes.rules) rules.set(rule.organization, withBreaker(rules.get(rule.organization) ?? [], rule))
  for (const { organization, id } of changes.removed) {
    rules.set(
      organization,
      (rules.get(organization) ?? []).filter((rule) => rule.id !== id),
    )
    for (const [key, row] of rows) if (row.organization === organization && row.breaker === id) rows.delete(key)
  }
  const agents = overlaid(
    state.agents,
    changes.agents.map((agent) => [rowKey(agent.organization, agent.agent), agent]),
  )
  return { rules, rows, agents }
}

function overlaid<T>(rows: ReadonlyMap<string, T>, changed: readonly (readonly [string, T])[]): ReadonlyMap<string, T> {
  return new Map([...rows, ...changed])
}

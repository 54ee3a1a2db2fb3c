import type { Draft } from '../draft.ts'
import type { Changes } from '../ports.ts'
import { counterKey, rowKey } from '../row-keys.ts'
import type { HoldState } from './hold-state.ts'
import { emptyCounter } from './room.ts'
import { type BudgetRule, type CounterKey, type CounterState, inOrder } from './rule.ts'

/** A counter as the batch has left it; empty when nothing has touched it. What is read here is what has to be loaded. */
export function counterIn(draft: Draft, key: CounterKey): CounterState {
  const text = counterKey(key)
  draft.countersRead.set(text, key)
  return draft.counters.get(text) ?? draft.loaded.counters.get(text) ?? emptyCounter(key)
}

export function putCounter(draft: Draft, key: CounterKey, counter: CounterState): void {
  draft.counters.set(counterKey(key), counter)
}

/** What holds for a call now; null when nothing does. */
export function holdIn(draft: Draft, organization: string, id: string): HoldState | null {
  const key = rowKey(organization, id)
  const changed = draft.holds.get(key)
  return changed === undefined ? (draft.loaded.holds.get(key) ?? null) : changed
}

export function putHold(draft: Draft, hold: HoldState): void {
  draft.holds.set(rowKey(hold.organization, hold.id), hold)
}

export function endHold(draft: Draft, { organization, id }: HoldState): void {
  draft.holds.set(rowKey(organization, id), null)
}

/** The budgets of an organization, in the order of their creation. */
export function budgetsIn(draft: Draft, organization: string): readonly BudgetRule[] {
  return draft.budgets.get(organization) ?? draft.loaded.budgets.get(organization) ?? []
}

export function putBudget(draft: Draft, rule: BudgetRule): void {
  const { organization, id } = rule
  const rules = budgetsIn(draft, organization)
  const known = rules.some((other) => other.id === id)
  draft.budgets.set(organization, known ? rules.map((other) => (other.id === id ? rule : other)) : inOrder([...rules, rule]))
  draft.budgetsSet.set(rowKey(organization, id), rule)
}

export function removeBudget(draft: Draft, { organization, id }: BudgetRule): void {
  draft.budgets.set(
    organization,
    budgetsIn(draft, organization).filter((other) => other.id !== id),
  )
  draft.budgetsSet.set(rowKey(organization, id), null)
  for (const [key, counter] of draft.counters) {
    if (counter.organization === organization && counter.budget === id) draft.counters.delete(key)
  }
}

/** What the batch changes of holds, budgets and counters. */
export function budgetChanges(draft: Draft): Pick<Changes, 'holds' | 'holdsEnded' | 'budgets' | 'budgetsRemoved' | 'counters'> {
  const holds: HoldState[] = []
  const holdsEnded: { organization: string; id: string }[] = []
  for (const [key, hold] of draft.holds) {
    const before = draft.loaded.holds.get(key)
    if (hold !== null) holds.push(hold)
    else if (before !== undefined) holdsEnded.push({ organization: before.organization, id: before.id })
  }
  return { holds, holdsEnded, ...changedBudgets(draft), counters: [...draft.counters.values()] }
}

function changedBudgets(draft: Draft): Pick<Changes, 'budgets' | 'budgetsRemoved'> {
  const budgets: BudgetRule[] = []
  const budgetsRemoved: { organization: string; id: string }[] = []
  for (const [key, rule] of draft.budgetsSet) {
    if (rule !== null) {
      budgets.push(rule)
      continue
    }
    for (const before of draft.loaded.budgets.values()) {
      const gone = before.find((other) => rowKey(other.organization, other.id) === key)
      if (gone !== undefined) budgetsRemoved.push({ organization: gone.organization, id: gone.id })
    }
  }
  return { budgets, budgetsRemoved }
}

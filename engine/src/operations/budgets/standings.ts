import type { Millis } from '../../kernel/index.ts'
import {
  type BudgetRule,
  type CounterKey,
  type CounterState,
  counterKey,
  emptyCounter,
  type HeldIn,
  type LedgerStore,
  matchOf,
  type Standing,
  standingOf,
} from '../../ledger/index.ts'

/** How the budgets stand that something is held in. */
export async function standingsOf(ledger: LedgerStore, organization: string, held: readonly HeldIn[], at: Millis): Promise<Standing[]> {
  const rules = new Map((await ledger.budgets(organization)).map((rule) => [rule.id, rule]))
  const standings: Standing[] = []
  for (const { counter } of held) {
    const rule = rules.get(counter.budget)
    if (rule !== undefined) standings.push(await standingAt(ledger, rule, counter.value, at))
  }
  return standings
}

/** How one budget stands for a value at a time. */
async function standingAt(ledger: LedgerStore, rule: BudgetRule, value: string, at: Millis): Promise<Standing> {
  const match = matchOf(rule, value, at)
  const counters = await Promise.all(match.window.map((key) => ledger.counter(key)))
  return standingOf(match, readerOf(counters.filter((counter) => counter !== null)))
}

/** Reads counters that were loaded; one that is not there is empty. */
export function readerOf(counters: readonly CounterState[]): (key: CounterKey) => CounterState {
  const known = new Map(counters.map((counter) => [counterKey(counter), counter]))
  return (key) => known.get(counterKey(key)) ?? emptyCounter(key)
}

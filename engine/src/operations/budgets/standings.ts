import {
  type CounterKey,
  type CounterState,
  callScope,
  counterKey,
  emptyCounter,
  type HoldRequest,
  type LedgerStore,
  matchesOf,
  type Standing,
  standingOf,
} from '../../ledger/index.ts'
import { runChains } from './run-chains.ts'

/** How every budget stands that a hold is counted in, also where nothing is held: its price may be unknown or nothing. */
export async function standingsOf(ledger: LedgerStore, organization: string, hold: HoldRequest, seq: number): Promise<Standing[]> {
  const rules = (await ledger.budgets(organization)).filter((rule) => hold.at >= rule.countsFrom)
  const runs = rules.some(({ dimension }) => dimension === 'run') ? await runChains(ledger, organization)(hold.run, seq) : []
  const matches = matchesOf(rules, callScope(organization, runs, hold, hold), hold.at)
  const windows = matches.flatMap(({ window }) => window)
  const counters = await Promise.all(windows.map((key) => ledger.counter(key)))
  let at = 0
  // Every match asks for its window in the order in which it was read.
  return matches.map((match) => standingOf(match, (key) => counters[at++] ?? emptyCounter(key)))
}

/** Reads counters that were loaded; one that is not there is empty. */
export function readerOf(counters: readonly CounterState[]): (key: CounterKey) => CounterState {
  const known = new Map(counters.map((counter) => [counterKey(counter), counter]))
  return (key) => known.get(counterKey(key)) ?? emptyCounter(key)
}

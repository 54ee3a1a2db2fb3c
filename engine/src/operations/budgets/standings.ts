import {
  type CounterKey,
  type CounterState,
  counterKey,
  emptyCounter,
  type HoldRequest,
  type LedgerStore,
  type Match,
  matchesOf,
  type Standing,
  standingOf,
} from '../../ledger/index.ts'
import { runChains } from './run-chains.ts'

/** How every budget stands that a hold is counted in, also where nothing is held: its price may be unknown or nothing. */
export async function standingsOf(ledger: LedgerStore, organization: string, hold: HoldRequest, seq: number): Promise<Standing[]> {
  const rules = (await ledger.budgets(organization)).filter((rule) => hold.at >= rule.countsFrom)
  const runs = rules.some(({ dimension }) => dimension === 'run') ? await runChains(ledger, organization)(hold.run, seq) : []
  return Promise.all(matchesOf(rules, { ...hold, organization, runs }, hold.at).map((match) => standingAt(ledger, match)))
}

/** How one budget stands. */
async function standingAt(ledger: LedgerStore, match: Match): Promise<Standing> {
  const counters = await Promise.all(match.window.map((key) => ledger.counter(key)))
  return standingOf(match, readerOf(counters.filter((counter) => counter !== null)))
}

/** Reads counters that were loaded; one that is not there is empty. */
export function readerOf(counters: readonly CounterState[]): (key: CounterKey) => CounterState {
  const known = new Map(counters.map((counter) => [counterKey(counter), counter]))
  return (key) => known.get(counterKey(key)) ?? emptyCounter(key)
}

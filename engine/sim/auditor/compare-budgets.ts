import type { AccountState, CounterState, HoldState, LedgerStore } from '../../src/ledger/index.ts'
import type { Books } from './books.ts'
import { type Budget, type LiveHold, nameOfPlace } from './budget-books.ts'
import { standings } from './budget-rules.ts'
import { Disagreement, mustAgree } from './disagreement.ts'
import { toldIn } from './exhausted.ts'
import { heldOf } from './hold-rules.ts'
import { nameOfCounter, sorted } from './orders.ts'
import { walletOf } from './wallet-rules.ts'

/** Every budget, counter and hold of some organizations, both ways; and what is promised of hard budgets, by what the store says. */
export async function compareBudgets(books: Books, ledger: LedgerStore, organizations: Iterable<string>): Promise<void> {
  for (const organization of organizations) {
    const budgets = books.budgets.get(organization) ?? []
    mustAgree(
      `budgets of ${organization}`,
      budgets.map(({ rule }) => rule),
      await ledger.budgets(organization),
    )
    compareHolds(books, organization, await ledger.holds(organization))
    const counters = await ledger.counters(organization)
    compareCounters(
      books,
      budgets,
      counters.filter(({ budget }) => budget !== 'wallet'),
    )
    compareWallets(books, organization, counters, await ledger.accounts(organization))
  }
}

function compareHolds(books: Books, organization: string, holds: readonly HoldState[]): void {
  const own = [...books.holds.values()].filter((hold) => hold.organization === organization)
  const byId = (hold: { readonly id: string }): string => hold.id
  const found = new Map(holds.map((hold) => [byId(hold), { ...hold, held: sorted(hold.held), breakers: sorted(hold.breakers) }]))
  mustAgree(`holds of ${organization}`, own.map(byId).sort(), [...found.keys()].sort())
  for (const hold of own) mustAgree(`hold ${organization} ${hold.id}`, rowOf(hold), found.get(hold.id))
}

function rowOf(hold: LiveHold): unknown {
  const { facts, runs, kept: _, ofWallet: __, breakers, ...of } = hold
  return { ...of, scope: { ...facts, runs }, held: sorted(heldOf(hold)), breakers: sorted(breakers) }
}

/** Every wallet: what came, what went, what is held. And the promise: what is held was there when it was held, so nothing is held of a debt. */
function compareWallets(books: Books, organization: string, counters: readonly CounterState[], accounts: readonly AccountState[]): void {
  const held = new Map(counters.filter(({ budget }) => budget === 'wallet').map((counter) => [counter.value, counter.held]))
  const stored = accounts.filter(({ account }) => account.startsWith('wallet:'))
  const found = stored.map(({ account, debits, credits }) => {
    const agent = account.slice('wallet:'.length)
    return { agent, came: debits as bigint, went: credits as bigint, held: (held.get(agent) ?? 0n) as bigint }
  })
  const own = [...books.wallets].map((name) => JSON.parse(name) as [string, string]).filter(([of]) => of === organization)
  const expected = own.map(([, agent]) => walletOf(books, organization, agent)).filter((stand) => stand !== null)
  const byAgent = (a: { agent: string }, b: { agent: string }): number => (a.agent < b.agent ? -1 : 1)
  mustAgree(`wallets of ${organization}`, expected.sort(byAgent), found.sort(byAgent))
}

function compareCounters(books: Books, budgets: readonly Budget[], counters: readonly CounterState[]): void {
  const stored = new Map(counters.map((counter) => [nameOfCounter(counter), counter]))
  for (const budget of budgets) {
    for (const { place, spent, held } of standings(books, budget)) {
      const name = nameOfPlace(budget, place)
      const found = stored.get(name) ?? { spent: 0n, held: 0n, toldTo: 0n, exhaustedSeq: 0 }
      stored.delete(name)
      const told = budget.told.filter(({ value, start }) => value === place.value && start === place.start)
      const [toldTo = 0n] = told.map(({ level }) => level).sort((a, b) => (a > b ? -1 : 1))
      const expected = { spent, held, toldTo, exhaustedSeq: toldIn(budget, place) }
      const { exhaustedSeq } = found
      mustAgree(`counter ${name}`, expected, { spent: found.spent, held: found.held, toldTo: found.toldTo, exhaustedSeq })
      mustKeepItsPromise(budget, place, name, found.spent + found.held)
    }
  }
  for (const [name, { spent, held, exhaustedSeq }] of stored) {
    mustAgree(`counter ${name}`, { spent: 0n, held: 0n, exhaustedSeq: 0 }, { spent, held, exhaustedSeq })
  }
}

/**
 * A hard budget lets no more be spent and held than its limit, but for what was posted above its hold or without one. Of a rolling window this
 * is judged hold by hold only: a clock that goes back asks about a window that ends earlier.
 */
function mustKeepItsPromise({ rule, above }: Budget, place: { value: string; start: number }, name: string, stands: bigint): void {
  if (rule.mode !== 'hard' || rule.period.unit === 'rolling') return
  const excused = above.filter(({ value, start }) => value === place.value && start === place.start)
  const most = excused.reduce((sum, { amount }) => sum + amount, rule.limit as bigint)
  if (stands > most && stands > rule.limit) throw new Disagreement(`promise of ${name}`, `at most ${most}`, `${stands}`)
}

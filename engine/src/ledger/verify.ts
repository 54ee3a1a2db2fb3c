import { assert, type Picos, picos } from '../kernel/index.ts'
import { emptyAccount, moved } from './accounts.ts'
import type { AgentState } from './agent/state.ts'
import { tallyAgents } from './agent/tally.ts'
import { type BudgetTally, emptyBudgetTally, tallyBudgets } from './budget/tally.ts'
import { costOfEntry } from './codec/entry.ts'
import type { JournalSums } from './ports.ts'
import type { AccountState, JournalEntry } from './records.ts'
import { rowKey } from './row-keys.ts'

/** What the journal adds up to, gathered piece by piece. */
export interface JournalTally {
  head: number
  calls: number
  cost: Picos
  /** The accounts as the transfers of the journal make them, by `rowKey`. */
  readonly accounts: Map<string, AccountState>
  /** The counters of budgets as the journal makes them. */
  readonly budgets: BudgetTally
  /** The states of agents as the journal makes them, by `rowKey`. */
  readonly agents: Map<string, AgentState>
}

export function emptyTally(): JournalTally {
  return { head: 0, calls: 0, cost: picos(0n), accounts: new Map(), budgets: emptyBudgetTally(), agents: new Map() }
}

/** Adds the next entries. Throws when one is missing: sums over a journal with holes say nothing. */
export function tally(so: JournalTally, entries: readonly JournalEntry[]): JournalTally {
  for (const entry of entries) {
    assert(entry.seq === so.head + 1, `journal entry ${so.head + 1} is missing`)
    so.head = entry.seq
    if (entry.event.kind === 'call') so.calls++
    so.cost = picos(so.cost + costOfEntry(entry))
    tallyBudgets(so.budgets, entry)
    tallyAgents(so.agents, entry)
    for (const { debit, credit, amount } of entry.transfers) {
      move(so, entry.organization, debit, 'debit', amount)
      move(so, entry.organization, credit, 'credit', amount)
    }
  }
  return so
}

export function sumsOf({ head, calls, cost }: JournalTally): JournalSums {
  return { head, calls, cost }
}

/** An account whose row is not what the journal's transfers make it. */
export interface AccountDifference {
  readonly organization: string
  readonly account: string
  readonly journal: AccountState
  readonly stored: AccountState
}

/** Compares the stored accounts with the journal, exactly, both ways; empty when they agree. */
export function accountDifferences(of: JournalTally, stored: readonly AccountState[]): AccountDifference[] {
  const differences: AccountDifference[] = []
  const seen = new Set<string>()
  for (const account of stored) {
    const key = rowKey(account.organization, account.account)
    seen.add(key)
    const journal = of.accounts.get(key) ?? emptyAccount(account.organization, account.account)
    if (!same(journal, account))
      differences.push({ organization: account.organization, account: account.account, journal, stored: account })
  }
  for (const [key, journal] of of.accounts) {
    const { organization, account } = journal
    if (!seen.has(key)) differences.push({ organization, account, journal, stored: emptyAccount(organization, account) })
  }
  return differences
}

/** Organizations whose debits and credits are not equal, with the difference; empty when the books balance. */
export function unbalanced(accounts: Iterable<AccountState>): { readonly organization: string; readonly difference: Picos }[] {
  const differences = new Map<string, bigint>()
  for (const { organization, debits, credits } of accounts) {
    differences.set(organization, (differences.get(organization) ?? 0n) + debits - credits)
  }
  return [...differences]
    .filter(([, difference]) => difference !== 0n)
    .map(([organization, difference]) => ({ organization, difference: picos(difference) }))
}

function move(so: JournalTally, organization: string, account: string, side: 'debit' | 'credit', amount: Picos): void {
  const key = rowKey(organization, account)
  so.accounts.set(key, moved(so.accounts.get(key) ?? emptyAccount(organization, account), side, amount))
}

function same(a: AccountState, b: AccountState): boolean {
  return a.debits === b.debits && a.credits === b.credits
}

import { LIMITS, type Picos, picos } from '../../kernel/index.ts'
import type { BudgetSetting, CallRecord, ExtendedHold, Hold, JournalEntry } from '../records.ts'
import { counterKey, rowKey } from '../row-keys.ts'
import { WALLET_BUDGET, walletCounter } from '../wallet/standing.ts'
import { matchesOf } from './counting.ts'
import type { HeldIn } from './hold-state.ts'
import { emptyCounter } from './room.ts'
import type { BudgetRule, CounterKey, CounterState } from './rule.ts'
import type { CallScope } from './scope.ts'

/** What the journal makes of every counter, gathered entry by entry. It shares no state with the ledger: only what a rule matches. */
export interface BudgetTally {
  /** By organization, then id. */
  readonly rules: Map<string, Map<string, BudgetRule>>
  readonly counters: Map<string, CounterState>
  /** What holds now, by `rowKey(organization, call id)`. */
  readonly holds: Map<string, HeldNow>
  /** The run above each run that has one. */
  readonly parents: Map<string, string>
}

interface HeldNow {
  readonly scope: CallScope
  readonly at: number
  readonly amount: Picos | null
  readonly fallback: Picos | null
  readonly held: readonly HeldIn[]
}

export function emptyBudgetTally(): BudgetTally {
  return { rules: new Map(), counters: new Map(), holds: new Map(), parents: new Map() }
}

/** Adds the next entry of the journal. */
export function tallyBudgets(so: BudgetTally, entry: JournalEntry): void {
  const { organization, event } = entry
  switch (event.kind) {
    case 'run_start':
      if (event.run.parentRun !== null) so.parents.set(rowKey(organization, event.run.id), event.run.parentRun)
      return
    case 'call':
      settle(so, entry, event.call)
      return
    case 'adjustment':
      for (const key of entry.counted ?? []) if (isThere(so, key)) spend(so, key, event.adjustment.delta)
      return
    case 'hold':
      hold(so, organization, event.hold)
      return
    case 'hold_extend':
      extend(so, organization, event.extension)
      return
    case 'hold_void':
    case 'hold_expire':
      release(so, rowKey(organization, event.release.id))
      return
    case 'budget_set':
      setBudget(so, organization, event.setting)
      return
    case 'budget_remove':
      removeBudget(so, organization, event.removal.id)
      return
    case 'budget_exhausted':
      for (const { budget, value, periodStart: start } of event.exhaustion.budgets)
        exhaust(so, { organization, budget, value, start }, entry.seq)
      return
    case 'wallet_open':
      openWallet(so, organization, event.wallet.id)
      return
    case 'run_end':
    case 'session_start':
    case 'session_end':
    case 'call_alias':
    case 'breaker_set':
    case 'breaker_remove':
    case 'breaker_sweep':
    case 'agent_state':
    case 'wallet_transfer':
    case 'escrow_open':
    case 'escrow_end':
      return
  }
}

/** A counter that is not what the journal makes it. */
export interface CounterDifference {
  readonly journal: CounterState
  readonly stored: CounterState
}

/** Compares the stored counters with the journal, what is spent, what is held and when it was told to be exhausted, both ways; empty when they agree. */
export function counterDifferences(of: BudgetTally, stored: readonly CounterState[]): CounterDifference[] {
  const differences: CounterDifference[] = []
  const seen = new Set<string>()
  for (const counter of stored) {
    const key = counterKey(counter)
    seen.add(key)
    const journal = of.counters.get(key) ?? emptyCounter(counter)
    if (!agree(journal, counter)) differences.push({ journal, stored: counter })
  }
  for (const [key, journal] of of.counters) {
    const none = emptyCounter(journal)
    if (!seen.has(key) && !agree(journal, none)) differences.push({ journal, stored: none })
  }
  return differences
}

function agree(a: CounterState, b: CounterState): boolean {
  return a.spent === b.spent && a.held === b.held && a.exhaustedSeq === b.exhaustedSeq
}

function settle(so: BudgetTally, { organization, settled }: JournalEntry, call: CallRecord): void {
  if (settled !== undefined) release(so, rowKey(organization, call.id))
  const { amount } = call.charge
  if (amount === null || amount === 0n) return
  const { run, key, usage } = call
  const scope = scopeOf(so, organization, { ...call, run, key, model: usage.modelRequested, seller: usage.seller })
  for (const counter of countersOf(so, scope, settled?.at ?? call.at)) spend(so, counter, amount)
}

function hold(so: BudgetTally, organization: string, taken: Hold): void {
  const { at, amount, fallback, held } = taken
  so.holds.set(rowKey(organization, taken.id), { scope: scopeOf(so, organization, taken), at, amount, fallback, held })
  for (const { counter, amount: kept } of held) keep(so, counter, kept)
}

function extend(so: BudgetTally, organization: string, { call, amount, fallback, held }: ExtendedHold): void {
  const key = rowKey(organization, call)
  const before = so.holds.get(key)
  if (before === undefined) return
  for (const { counter, amount: kept } of before.held) if (isThere(so, counter)) keep(so, counter, -kept)
  for (const { counter, amount: kept } of held) if (isThere(so, counter)) keep(so, counter, kept)
  const worst = amount === null && fallback === null ? before : { amount, fallback }
  so.holds.set(key, { ...before, amount: worst.amount, fallback: worst.fallback, held })
}

function release(so: BudgetTally, key: string): void {
  for (const { counter, amount } of so.holds.get(key)?.held ?? []) if (isThere(so, counter)) keep(so, counter, -amount)
  so.holds.delete(key)
}

function setBudget(so: BudgetTally, organization: string, { rule, opening }: BudgetSetting): void {
  const rules = so.rules.get(organization) ?? new Map<string, BudgetRule>()
  const isNew = !rules.has(rule.id)
  so.rules.set(organization, rules.set(rule.id, rule))
  if (!isNew) return
  for (const counter of opening) so.counters.set(counterKey(counter), counter)
  for (const [key, underWay] of so.holds) {
    if (underWay.scope.organization !== organization || underWay.at < rule.countsFrom) continue
    const amount = underWay.amount ?? (rule.unpriced === 'worst_case' ? underWay.fallback : null)
    if (amount === null || amount === 0n) continue
    const added = matchesOf([rule], underWay.scope, underWay.at).map(({ counter }) => ({ counter, amount }))
    for (const { counter } of added) keep(so, counter, amount)
    so.holds.set(key, { ...underWay, held: [...underWay.held, ...added] })
  }
}

/** What is held for calls under way is held in the wallet, too, that its agent is given. */
function openWallet(so: BudgetTally, organization: string, agent: string): void {
  for (const [key, underWay] of so.holds) {
    const amount = underWay.amount ?? underWay.fallback
    if (underWay.scope.organization !== organization || underWay.scope.agent !== agent || amount === null || amount === 0n) continue
    const added = { counter: walletCounter(organization, agent), amount }
    keep(so, added.counter, amount)
    so.holds.set(key, { ...underWay, held: [...underWay.held, added] })
  }
}

function removeBudget(so: BudgetTally, organization: string, id: string): void {
  so.rules.get(organization)?.delete(id)
  for (const [key, counter] of so.counters) if (counter.organization === organization && counter.budget === id) so.counters.delete(key)
}

function countersOf(so: BudgetTally, scope: CallScope, at: number): CounterKey[] {
  const rules = [...(so.rules.get(scope.organization)?.values() ?? [])].filter((rule) => at >= rule.countsFrom)
  return rules.length === 0 ? [] : matchesOf(rules, scope, at).map(({ counter }) => counter)
}

function scopeOf(
  so: BudgetTally,
  organization: string,
  of: Omit<CallScope, 'organization' | 'runs'> & { readonly run: string | null },
): CallScope {
  const runs: string[] = []
  for (let next = of.run; next !== null && runs.length < LIMITS.runDepthMax; next = so.parents.get(rowKey(organization, next)) ?? null) {
    runs.push(next)
  }
  return { ...of, organization, runs }
}

function isThere(so: BudgetTally, { organization, budget }: CounterKey): boolean {
  return budget === WALLET_BUDGET || so.rules.get(organization)?.has(budget) === true
}

function spend(so: BudgetTally, key: CounterKey, amount: bigint): void {
  const counter = so.counters.get(counterKey(key)) ?? emptyCounter(key)
  so.counters.set(counterKey(key), { ...counter, spent: picos(counter.spent + amount) })
}

function exhaust(so: BudgetTally, key: CounterKey, exhaustedSeq: number): void {
  const counter = so.counters.get(counterKey(key)) ?? emptyCounter(key)
  so.counters.set(counterKey(key), { ...counter, exhaustedSeq })
}

function keep(so: BudgetTally, key: CounterKey, amount: bigint): void {
  const counter = so.counters.get(counterKey(key)) ?? emptyCounter(key)
  so.counters.set(counterKey(key), { ...counter, held: picos(counter.held + amount) })
}

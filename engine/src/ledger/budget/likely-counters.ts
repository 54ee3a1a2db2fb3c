import { LIMITS } from '../../kernel/index.ts'
import type { LedgerState } from '../ports.ts'
import type { RecordCommand } from '../records.ts'
import { rowKey } from '../row-keys.ts'
import { walletAccount } from '../wallet/accounts.ts'
import { walletCounter } from '../wallet/standing.ts'
import { matchesOf } from './counting.ts'
import type { HoldState } from './hold-state.ts'
import type { BudgetRule, CounterKey } from './rule.ts'
import { type CallScope, callScope } from './scope.ts'

/**
 * The counters that deciding a batch will most likely read, from what its commands say and hold: nothing inherited is looked for. A guess, so that most
 * batches are decided once; what it misses is found by deciding.
 */
export function likelyCounters(loaded: LedgerState, commands: readonly RecordCommand[]): CounterKey[] {
  // Most calls of a batch ask for some counters that others ask for, too, under the very same keys.
  const counters = new Set<CounterKey>()
  for (const command of commands) {
    const rules = loaded.budgets.get(command.organization) ?? []
    // The calls of a fleet without budgets and holds, which are most calls, cost nothing here.
    if (rules.length === 0 && loaded.holds.size === 0 && command.event.kind === 'call') continue
    for (const counter of likelyOf(loaded, rules, command)) counters.add(counter)
  }
  return [...counters]
}

function likelyOf(loaded: LedgerState, rules: readonly BudgetRule[], { organization, event }: RecordCommand): CounterKey[] {
  switch (event.kind) {
    case 'hold': {
      const { hold } = event
      const inBudgets = windows(rules, callScope(organization, runsAbove(loaded, organization, hold.run), hold, hold), hold.at)
      const { agent } = hold
      const paysItself = agent !== null && loaded.accounts.has(rowKey(organization, walletAccount(agent)))
      return paysItself ? [...inBudgets, walletCounter(organization, agent)] : inBudgets
    }
    case 'call': {
      const { call } = event
      const held = heldFor(loaded, organization, call.id)
      if (held !== undefined) return [...windows(rules, held.scope, held.at), ...held.held.map(({ counter }) => counter)]
      const { usage, key } = call
      const planned = { model: usage.modelRequested, seller: usage.seller, key }
      return windows(rules, callScope(organization, runsAbove(loaded, organization, call.run), planned, call), call.at)
    }
    case 'hold_extend':
    case 'hold_void':
    case 'hold_expire': {
      const id = event.kind === 'hold_extend' ? event.extension.call : event.release.id
      const held = heldFor(loaded, organization, id)
      if (held === undefined) return []
      const own = held.held.map(({ counter }) => counter)
      return event.kind === 'hold_extend' ? [...windows(rules, held.scope, held.at), ...own] : own
    }
    default:
      return []
  }
}

function windows(rules: readonly BudgetRule[], scope: CallScope, at: number): CounterKey[] {
  if (rules.length === 0) return []
  const counting = rules.filter((rule) => at >= rule.countsFrom)
  return matchesOf(counting, scope, at).flatMap(({ window }) => window)
}

function heldFor({ holds }: LedgerState, organization: string, id: string): HoldState | undefined {
  return holds.get(rowKey(organization, id))
}

function runsAbove({ runs }: LedgerState, organization: string, run: string | null): string[] {
  const chain: string[] = []
  for (let next = run; next !== null && chain.length < LIMITS.runDepthMax; next = runs.get(rowKey(organization, next))?.parentRun ?? null) {
    chain.push(next)
  }
  return chain
}

import { ALL_TIME, type Picos, picos } from '../../kernel/index.ts'
import type { Match } from '../budget/counting.ts'
import { counterIn } from '../budget/draft-budgets.ts'
import type { Standing } from '../budget/room.ts'
import type { BudgetRule, CounterKey } from '../budget/rule.ts'
import { accountIn, type Draft } from '../draft.ts'
import type { AccountState } from '../records.ts'
import { walletAccount } from './accounts.ts'

/** In place of a budget's id, in counters and holds: what is held in the wallet of the agent that the counter's value names. */
export const WALLET_BUDGET = 'wallet'

/** Whether the agent has a wallet, and how its account stands. */
export function walletIn(draft: Draft, organization: string, agent: string | null): AccountState | null {
  return agent === null ? null : accountIn(draft, organization, walletAccount(agent))
}

/** The counter that says what is held in a wallet. Nothing is ever spent in it: that is in the account. */
export function walletCounter(organization: string, agent: string): CounterKey {
  return { organization, budget: WALLET_BUDGET, value: agent, start: 0 }
}

/**
 * The wallet of an agent as one more hard limit, for ever and on this agent alone: what came in is the limit, what went out is spent. Null when it
 * has none. A call without a known price is held at its worst, and refused when that is not known either.
 */
export function walletStandingIn(draft: Draft, organization: string, agent: string | null): Standing | null {
  const account = walletIn(draft, organization, agent)
  if (account === null || agent === null) return null
  const counter = walletCounter(organization, agent)
  const match: Match = { rule: ruleOf(organization, agent, account.debits), counter, window: [counter], resetsAt: null }
  return { match, spent: account.credits, held: counterIn(draft, counter).held }
}

/** What may still be spent: the balance less what is held for calls that are being made. */
export function availableIn(draft: Draft, account: AccountState, agent: string): Picos {
  return picos(account.debits - account.credits - counterIn(draft, walletCounter(account.organization, agent)).held)
}

function ruleOf(organization: string, agent: string, limit: Picos): BudgetRule {
  return {
    organization,
    id: WALLET_BUDGET,
    name: null,
    dimension: 'agent',
    value: agent,
    period: { unit: 'total' },
    zone: 'UTC',
    limit,
    mode: 'hard',
    thresholds: [],
    unpriced: 'worst_case',
    createdAt: ALL_TIME.start,
    countsFrom: ALL_TIME.start,
  }
}

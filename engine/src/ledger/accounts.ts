import { assert, type Picos, picos } from '../kernel/index.ts'
import type { AccountState, Transfer } from './records.ts'

/** Where the organization's money comes from. */
export const FUNDING = 'funding'

/** The account of what a seller has been owed. */
export function expenseAccount(seller: string): string {
  return `expense:${seller}`
}

/**
 * The transfers of a cost: debit the seller's expense, credit what pays it (the funding, or an agent's wallet); the other way round for a
 * negative difference; none for zero.
 */
export function transfersOfCost(seller: string, amount: Picos, payer: string = FUNDING): readonly Transfer[] {
  if (amount === 0n) return NONE
  const expense = expenseAccount(seller)
  if (amount > 0n) return [{ debit: expense, credit: payer, amount }]
  return [{ debit: payer, credit: expense, amount: picos(-amount) }]
}

/** An account after a transfer touched one of its sides. */
export function moved(account: AccountState, side: 'debit' | 'credit', amount: Picos): AccountState {
  assert(amount > 0n, 'a transfer moves a positive amount')
  return {
    organization: account.organization,
    account: account.account,
    debits: side === 'debit' ? picos(account.debits + amount) : account.debits,
    credits: side === 'credit' ? picos(account.credits + amount) : account.credits,
  }
}

export function emptyAccount(organization: string, account: string): AccountState {
  return { organization, account, debits: picos(0n), credits: picos(0n) }
}

const NONE: readonly Transfer[] = []

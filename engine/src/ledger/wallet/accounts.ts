import { type Picos, picos } from '../../kernel/index.ts'
import { FUNDING } from '../accounts.ts'
import type { AccountState, JournalEntry, Transfer } from '../records.ts'
import type { EscrowEnd, EscrowOpening, WalletOpening, WalletTransfer } from './records.ts'

/** What an agent may spend: debited by what comes in, credited by what goes out. The account is there once the wallet has been opened. */
export function walletAccount(agent: string): string {
  return `${WALLET}${agent}`
}

/** What an agent has earned. */
export function revenueAccount(agent: string): string {
  return `${REVENUE}${agent}`
}

/** What an agent has bought from other agents. */
export function purchasesAccount(agent: string): string {
  return `${PURCHASES}${agent}`
}

/** What is set aside for one service. */
function escrowAccount(id: string): string {
  return `escrow:${id}`
}

export function isWalletAccount(account: string): boolean {
  return account.startsWith(WALLET)
}

/** The agent whose wallet an account is. */
export function agentOfWallet(account: string): string {
  return account.slice(WALLET.length)
}

/** The agent whose wallet, revenue or purchases an account is; null for any other. */
export function agentOfAccount(account: string): string | null {
  const prefix = [WALLET, REVENUE, PURCHASES].find((start) => account.startsWith(start))
  return prefix === undefined ? null : account.slice(prefix.length)
}

const WALLET = 'wallet:'
const REVENUE = 'revenue:'
const PURCHASES = 'purchases:'

/** What came into a wallet less what went out; negative when calls have cost more than there was. */
export function balanceOf({ debits, credits }: AccountState): Picos {
  return picos(debits - credits)
}

/** What an entry does to an account that is debited by what comes in. */
export function balanceChange({ transfers }: Pick<JournalEntry, 'transfers'>, account: string): Picos {
  let change = 0n
  for (const { debit, credit, amount } of transfers) {
    if (debit === account) change += amount
    if (credit === account) change -= amount
  }
  return picos(change)
}

/** The transfers of a wallet that opens with money. */
export function transfersOfOpening({ id, opening }: WalletOpening): readonly Transfer[] {
  return opening === 0n ? [] : [{ debit: walletAccount(id), credit: FUNDING, amount: opening }]
}

/** Money that changes wallets is one transfer; that it was earned and spent, not given, is another between purchases and revenue. */
export function transfersOf({ type, agent, to, amount }: WalletTransfer): readonly Transfer[] {
  const wallet = walletAccount(agent)
  switch (type) {
    case 'deposit':
      return [{ debit: wallet, credit: FUNDING, amount }]
    case 'withdraw':
      return [{ debit: FUNDING, credit: wallet, amount }]
    case 'earn':
      return [{ debit: wallet, credit: revenueAccount(agent), amount }]
    case 'fund':
      return [{ debit: walletAccount(to ?? agent), credit: wallet, amount }]
    case 'pay':
      return [{ debit: walletAccount(to ?? agent), credit: wallet, amount }, earned(agent, to ?? agent, amount)]
  }
}

export function transfersOfEscrow({ id, payer, amount }: EscrowOpening): readonly Transfer[] {
  return [{ debit: escrowAccount(id), credit: walletAccount(payer), amount }]
}

/** What the payee gets is earned only now; what the payer gets back was never spent. */
export function transfersOfEscrowEnd({ payer, payee }: EscrowOpening, { id, paid, refunded }: EscrowEnd): readonly Transfer[] {
  const escrow = escrowAccount(id)
  return [
    ...(paid === 0n ? [] : [{ debit: walletAccount(payee), credit: escrow, amount: paid }, earned(payer, payee, paid)]),
    ...(refunded === 0n ? [] : [{ debit: walletAccount(payer), credit: escrow, amount: refunded }]),
  ]
}

function earned(payer: string, payee: string, amount: Picos): Transfer {
  return { debit: purchasesAccount(payer), credit: revenueAccount(payee), amount }
}

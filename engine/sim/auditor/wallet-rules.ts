import { type Picos, picos, usdOfPicos } from '../../src/kernel/index.ts'
import type { Command, EscrowEnd, EscrowOpening, Transfer, WalletOpening, WalletTransfer } from '../../src/ledger/index.ts'
import { type Books, nameOf } from './books.ts'
import type { LiveHold } from './budget-books.ts'
import type { Outcome } from './outcome.ts'

/** A wallet as it stands: what came in, what went out, and what the calls under way of its agent keep. */
export interface WalletStand {
  readonly agent: string
  readonly came: bigint
  readonly went: bigint
  readonly held: bigint
}

export function ruleOfWalletOpen(books: Books, { organization }: Command, { id, opening }: WalletOpening): Outcome {
  if (opening < 0n) return { code: 'invalid_field', pointer: '/opening_usd' }
  books.wallets.add(nameOf(organization, id))
  for (const hold of books.holds.values()) {
    if (hold.organization !== organization || hold.facts.agent !== id || hold.expiredAt !== null) continue
    hold.ofWallet = hold.amount ?? hold.fallback ?? 0n
  }
  return { transfers: opening > 0n ? [moved(`wallet:${id}`, 'funding', opening)] : [] }
}

export function ruleOfWalletTransfer(books: Books, { organization }: Command, transfer: WalletTransfer): Outcome {
  const { type, agent, to, upTo } = transfer
  if ((upTo ?? transfer.amount) <= 0n) return { code: 'invalid_field', pointer: '/amount' }
  if (agent === to) return { code: 'invalid_field', pointer: '/to_agent' }
  const from = walletOf(books, organization, agent)
  if (from === null) return { code: 'not_found', pointer: '/agent_name' }
  if (to !== null && walletOf(books, organization, to) === null) return { code: 'not_found', pointer: '/to_agent' }
  const amount = amountOf(books, organization, transfer)
  if (upTo !== undefined && amount === 0n) return { event: { kind: 'wallet_transfer', transfer: { ...transfer, amount } } }
  if (!['deposit', 'earn'].includes(type) && amount > from.came - from.went - from.held)
    return { code: 'insufficient_funds', pointer: '/amount' }
  const into = `wallet:${to ?? agent}`
  switch (type) {
    case 'deposit':
      return { transfers: [moved(into, 'funding', amount)] }
    case 'earn':
      return { transfers: [moved(into, `revenue:${agent}`, amount)] }
    case 'withdraw':
      return { transfers: [moved('funding', into, amount)] }
    case 'fund':
      return {
        transfers: [moved(into, `wallet:${agent}`, amount)],
        event: { kind: 'wallet_transfer', transfer: { ...transfer, amount } },
      }
    case 'pay':
      return { transfers: [moved(into, `wallet:${agent}`, amount), moved(`purchases:${agent}`, `revenue:${to}`, amount)] }
  }
}

/** What is said, or what is missing of what the receiver is to have. */
function amountOf(books: Books, organization: string, { to, amount, upTo }: WalletTransfer): Picos {
  const stand = walletOf(books, organization, to)
  if (upTo === undefined || stand === null) return amount
  const missing = upTo - (stand.came - stand.went - stand.held)
  return picos(missing > 0n ? missing : 0n)
}

export function ruleOfEscrowOpen(books: Books, { organization }: Command, { id, payer, payee, amount }: EscrowOpening): Outcome {
  if (amount <= 0n) return { code: 'invalid_field', pointer: '/amount' }
  if (payer === payee) return { code: 'invalid_field', pointer: '/payee' }
  const from = walletOf(books, organization, payer)
  if (from === null) return { code: 'not_found', pointer: '/payer' }
  if (walletOf(books, organization, payee) === null) return { code: 'not_found', pointer: '/payee' }
  if (amount > from.came - from.went - from.held) return { code: 'insufficient_funds', pointer: '/amount' }
  return { transfers: [moved(`escrow:${id}`, `wallet:${payer}`, amount)] }
}

export function ruleOfEscrowEnd(books: Books, { organization }: Command, { id, paid, refunded }: EscrowEnd): Outcome {
  const opened = books.byId.get(nameOf(organization, 'escrow_open', id))?.command.event
  if (opened?.kind !== 'escrow_open') return { code: 'not_found', pointer: '/escrow_id' }
  const { payer, payee, amount } = opened.escrow
  if (paid < 0n || refunded < 0n || paid + refunded !== amount) return { code: 'invalid_field', pointer: '/amount' }
  const transfers: Transfer[] = []
  if (paid > 0n) transfers.push(moved(`wallet:${payee}`, `escrow:${id}`, paid), moved(`purchases:${payer}`, `revenue:${payee}`, paid))
  if (refunded > 0n) transfers.push(moved(`wallet:${payer}`, `escrow:${id}`, refunded))
  return { transfers }
}

/** How the wallet of an agent stands without one hold; null when it has none. */
export function walletOf(books: Books, organization: string, agent: string | null, without: LiveHold | null = null): WalletStand | null {
  if (agent === null || !books.wallets.has(nameOf(organization, agent))) return null
  const { debits, credits } = books.accounts.get(nameOf(organization, `wallet:${agent}`)) ?? { debits: 0n, credits: 0n }
  let held = 0n
  for (const hold of books.holds.values()) {
    if (hold !== without && hold.organization === organization && hold.facts.agent === agent) held += hold.ofWallet
  }
  return { agent, came: debits, went: credits, held }
}

export function leftIn({ came, went, held }: WalletStand): bigint {
  return came - went - held
}

/** What a refusal must say of a wallet. */
export function factsOfWallet({ agent, came, went, held }: WalletStand, amount: bigint | null): Readonly<Record<string, unknown>> {
  return {
    wallet_id: agent,
    budget_id: null,
    name: null,
    dimension: 'wallet',
    balance_usd: usdOfPicos(picos(came - went)),
    value: agent,
    reason: amount === null ? 'unpriced' : 'limit',
    limit_usd: usdOfPicos(picos(came)),
    spent_usd: usdOfPicos(picos(went)),
    held_usd: usdOfPicos(picos(held)),
    requested_usd: amount === null ? null : usdOfPicos(picos(amount)),
    resets_at: null,
  }
}

function moved(debit: string, credit: string, amount: bigint): Transfer {
  return { debit, credit, amount: amount as Picos }
}

import type { Millis, Picos } from '../../kernel/index.ts'

/** Opens the wallet of an agent: from then on its calls are paid from it, and are held in it before they are made. */
export interface WalletOpening {
  /** The agent, because it has one wallet: opened again, it is the same one. */
  readonly id: string
  /** What it starts with, from the organization's funding; often nothing. */
  readonly opening: Picos
  readonly at: Millis
}

/**
 * How money gets into a wallet, out of it, or from one to another.
 *
 * - `deposit`: the organization's funding into the wallet; `withdraw`: the other way.
 * - `fund`: one agent gives another something to work with. Nobody has earned or spent anything.
 * - `pay`: one agent pays another for a service: a purchase of the one, revenue of the other.
 * - `earn`: someone outside pays the agent.
 */
export const WALLET_TRANSFERS = ['deposit', 'withdraw', 'fund', 'pay', 'earn'] as const
export type WalletTransferType = (typeof WALLET_TRANSFERS)[number]

export interface WalletTransfer {
  readonly id: string
  readonly type: WalletTransferType
  /** Whose wallet it concerns; of `fund` and `pay`, whose wallet the money leaves. */
  readonly agent: string
  /** Whose wallet it enters, of `fund` and `pay`; else null. */
  readonly to: string | null
  readonly amount: Picos
  readonly memo: string | null
  readonly at: Millis
  /**
   * Of `fund`: what the other agent is to have to spend when it is done. The ledger moves what that one lacks, which may be nothing, and says it in
   * `amount`. Left out where an amount is said.
   */
  readonly upTo?: Picos
}

/** Money of one agent set aside for a service of another, until it is released or refunded. */
export interface EscrowOpening {
  readonly id: string
  readonly payer: string
  readonly payee: string
  readonly amount: Picos
  /** What it is for. */
  readonly memo: string | null
  readonly at: Millis
}

/** The end of an escrow: what the payee gets, and what goes back to the payer. Together they are all of it. */
export interface EscrowEnd {
  /** Of the escrow: it ends once. */
  readonly id: string
  readonly paid: Picos
  readonly refunded: Picos
  readonly reason: string | null
  readonly at: Millis
}

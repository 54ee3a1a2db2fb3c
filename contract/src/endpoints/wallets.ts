import type { TSchema } from '@sinclair/typebox'
import {
  EndEscrow,
  EscrowChanged,
  EscrowQuery,
  OpenEscrow,
  OpenWallet,
  Profit,
  ProfitQuery,
  RefundEscrow,
  Statement,
  StatementQuery,
  Wallet,
  WalletMove,
  WalletMoved,
  WalletOpened,
  WalletPayment,
  WalletQuery,
  WalletsAnswer,
  WalletsQuery,
} from '../wallets.ts'
import { type Endpoint, endpoint } from './endpoint.ts'

const family = 'Wallets'
const path = '/v1/finops/wallets/{agent_name}'

export const openWallet = endpoint({
  operation: 'open_wallet',
  method: 'PUT',
  path: '/v1/finops/wallets',
  input: OpenWallet,
  answer: WalletOpened,
  permission: 'manage',
  family,
  summary: 'Open the wallet of an agent',
  description:
    'From then on its calls are paid from it and refused when it cannot pay. Opened again, it is the same wallet and nothing moves.',
  example: { input: { agent_name: 'researcher', opening_usd: '100' } },
})

export const getWallet = endpoint({
  operation: 'get_wallet',
  method: 'GET',
  path,
  input: WalletQuery,
  answer: Wallet,
  permission: 'report',
  family,
  summary: 'What an agent has',
  example: { input: { agent_name: 'researcher' } },
})

export const listWallets = endpoint({
  operation: 'list_wallets',
  method: 'GET',
  path: '/v1/finops/wallets',
  input: WalletsQuery,
  answer: WalletsAnswer,
  permission: 'read',
  family,
  summary: 'Every wallet',
  example: { input: {} },
})

export const depositWallet = moving('deposit_wallet', 'deposit', WalletMove, 'manage', 'Put money into a wallet')
export const withdrawWallet = moving('withdraw_wallet', 'withdraw', WalletMove, 'manage', 'Take money out of a wallet')
export const earnWallet = moving('earn_wallet', 'earn', WalletMove, 'manage', 'Post what an agent was paid from outside')
export const fundWallet = moving('fund_wallet', 'fund', WalletPayment, 'report', 'Give another agent money to work with')
export const payWallet = moving('pay_wallet', 'pay', WalletPayment, 'report', 'Pay another agent for a service')

function moving<Input extends TSchema>(
  operation: string,
  last: string,
  input: Input,
  permission: Endpoint['permission'],
  summary: string,
): Endpoint<Input, typeof WalletMoved> {
  const to = input.$id === 'WalletPayment' ? { to_agent: 'summarizer' } : {}
  return endpoint({
    operation,
    method: 'POST',
    path: `${path}/${last}`,
    input,
    answer: WalletMoved,
    permission,
    family,
    idempotencyField: 'transfer_id',
    summary,
    example: { input: { agent_name: 'researcher', ...to, amount_usd: '25' } },
  })
}

export const walletStatement = endpoint({
  operation: 'wallet_statement',
  method: 'GET',
  path: `${path}/statement`,
  input: StatementQuery,
  answer: Statement,
  permission: 'report',
  family,
  summary: 'What moved in a wallet, but for calls',
  example: { input: { agent_name: 'researcher' } },
})

export const agentProfit = endpoint({
  operation: 'agent_profit',
  method: 'GET',
  path: `${path}/profit`,
  input: ProfitQuery,
  answer: Profit,
  permission: 'read',
  family,
  summary: 'What an agent earned and what it cost',
  example: { input: { agent_name: 'summarizer', period: 'month' } },
})

export const openEscrow = endpoint({
  operation: 'open_escrow',
  method: 'POST',
  path: '/v1/finops/escrows',
  input: OpenEscrow,
  answer: EscrowChanged,
  permission: 'report',
  family,
  idempotencyField: 'escrow_id',
  summary: 'Set money aside for a service of another agent',
  example: { input: { payer: 'researcher', payee: 'summarizer', amount_usd: '25' } },
})

export const getEscrow = endpoint({
  operation: 'get_escrow',
  method: 'GET',
  path: '/v1/finops/escrows/{escrow_id}',
  input: EscrowQuery,
  answer: EscrowChanged,
  permission: 'report',
  family,
  summary: 'An escrow and what became of it',
  example: { input: { escrow_id: 'escrow_1' } },
})

export const releaseEscrow = endpoint({
  operation: 'release_escrow',
  method: 'POST',
  path: '/v1/finops/escrows/{escrow_id}/release',
  input: EndEscrow,
  answer: EscrowChanged,
  permission: 'report',
  family,
  summary: 'Pay the payee; what is not paid goes back',
  description: 'By the payer, or by a key that is not bound to an agent.',
  example: { input: { escrow_id: 'escrow_1' } },
})

export const refundEscrow = endpoint({
  operation: 'refund_escrow',
  method: 'POST',
  path: '/v1/finops/escrows/{escrow_id}/refund',
  input: RefundEscrow,
  answer: EscrowChanged,
  permission: 'report',
  family,
  summary: 'Give the payer all of it back',
  description: 'By the payee, or by a key that is not bound to an agent.',
  example: { input: { escrow_id: 'escrow_1' } },
})

export const WALLETS = [
  openWallet,
  listWallets,
  getWallet,
  depositWallet,
  withdrawWallet,
  fundWallet,
  payWallet,
  earnWallet,
  walletStatement,
  agentProfit,
  openEscrow,
  getEscrow,
  releaseEscrow,
  refundEscrow,
] as const

import {
  depositWallet,
  type Endpoint,
  earnWallet,
  fundWallet,
  payWallet,
  type WalletMove,
  type WalletMoved,
  type WalletPayment,
  withdrawWallet,
} from '@purser/contract'
import { assert, ok, type Result, usdOfPicos } from '../../kernel/index.ts'
import type { AuditDraft, WalletTransfer, WalletTransferType } from '../../ledger/index.ts'
import { ownAgent } from '../authority/own-agent.ts'
import { organizationOf } from '../authority/scope.ts'
import type { Context } from '../context.ts'
import { implement, type Operation } from '../operation.ts'
import { positiveAmount } from '../validation/index.ts'
import { walletOf } from './wallet-answer.ts'

export const depositWalletOperation = moving(depositWallet, 'deposit')
export const withdrawWalletOperation = moving(withdrawWallet, 'withdraw')
export const earnWalletOperation = moving(earnWallet, 'earn')
export const fundWalletOperation = moving(fundWallet, 'fund')
export const payWalletOperation = moving(payWallet, 'pay')

/** Money in, out, or between: one operation for each, because who may do it differs. */
function moving(definition: Endpoint, type: WalletTransferType): Operation {
  return implement(definition, (context, input) => move(context, type, input as WalletMove | WalletPayment))
}

async function move(
  { services, caller }: Context,
  type: WalletTransferType,
  input: WalletMove | WalletPayment,
): Promise<Result<WalletMoved>> {
  const organization = organizationOf(caller, input.organization_id)
  if (!organization.ok) return organization
  const agent = ownAgent(caller, input.agent_name, '/agent_name')
  if (!agent.ok) return agent
  const amount = positiveAmount(input.amount_usd, '/amount_usd')
  if (!amount.ok) return amount
  const now = services.now()
  const transfer: WalletTransfer = {
    id: input.transfer_id ?? services.newId(),
    type,
    agent: agent.value,
    to: 'to_agent' in input ? input.to_agent : null,
    amount: amount.value,
    memo: input.memo ?? null,
    at: now,
  }
  const posted = await services.committer.submit({
    kind: 'record',
    organization: organization.value,
    recordedAt: now,
    event: { kind: 'wallet_transfer', transfer },
    audit: auditOf(caller.actor, organization.value, transfer),
  })
  if (!posted.ok) return posted
  const { entry, replayed } = posted.value
  assert(entry.event.kind === 'wallet_transfer', 'a transfer is posted as a transfer')
  const wallet = await walletOf(services.ledger, organization.value, agent.value)
  return wallet.ok ? ok({ ...movedAnswer(entry.event.transfer), wallet: wallet.value, replayed }) : wallet
}

function movedAnswer({ id, type, agent, to, amount }: WalletTransfer): Omit<WalletMoved, 'wallet' | 'replayed'> {
  return { transfer_id: id, type, agent_name: agent, to_agent: to, amount_usd: usdOfPicos(amount) }
}

function auditOf(actor: string, organization: string, transfer: WalletTransfer): AuditDraft {
  const { type, agent, at } = transfer
  const after = JSON.stringify({ ...movedAnswer(transfer), memo: transfer.memo })
  return { at, organization, actor, action: `${type}_wallet`, target: agent, before: null, after }
}

import {
  createWalletTool as createDefinition,
  depositTool as depositDefinition,
  getBalanceTool as getDefinition,
  type Wallet,
  type WalletMoved,
  type WalletOpened,
} from '@purser/contract'
import { ok, type Result, usdOfPicos } from '../../../kernel/index.ts'
import { getWalletOperation } from '../../wallets/list-wallets.ts'
import { depositWalletOperation } from '../../wallets/move-money.ts'
import { openWalletOperation } from '../../wallets/open-wallet.ts'
import { roundedFrom, statedAmount } from '../amount.ts'
import { implementTool, inside } from '../tool.ts'
import { refused } from './operation-result.ts'
import { isSandbox, SANDBOX_CREDITS_USD, stock } from './sandbox.ts'

/** Opens the wallet of an agent, or finds it open. */
export const createWalletTool = implementTool(createDefinition, async (context): Promise<Result<unknown>> => {
  const opened = await openWalletOperation.run(inside(context), {
    organization_id: context.organization,
    agent_name: context.agent,
    ...(isSandbox(context) ? { opening_usd: SANDBOX_CREDITS_USD } : {}),
  })
  if (!opened.ok) return refused(opened.error)
  const wallet = opened.value as WalletOpened
  return ok({ ...walletMembers(wallet), existed: wallet.existed, created_at: wallet.opened_at })
})

/** What an agent has. */
export const getBalanceTool = implementTool(getDefinition, async (context): Promise<Result<unknown>> => {
  await stock(context, context.agent)
  const found = await getWalletOperation.run(inside(context), { organization_id: context.organization, agent_name: context.agent })
  return found.ok ? ok(walletMembers(found.value as Wallet)) : refused(found.error)
})

/** Puts money into a wallet. */
export const depositTool = implementTool(depositDefinition, async (context, input): Promise<Result<unknown>> => {
  const amount = statedAmount(input.amount, '/amount', 'refused')
  if (!amount.ok) return amount
  await stock(context, context.agent)
  const moved = await depositWalletOperation.run(inside(context), {
    organization_id: context.organization,
    agent_name: context.agent,
    amount_usd: usdOfPicos(amount.value.amount),
    transfer_id: input.deposit_id ?? null,
    memo: input.memo ?? null,
  })
  if (!moved.ok) return refused(moved.error)
  const { transfer_id, amount_usd, wallet, replayed } = moved.value as WalletMoved
  return ok({ deposit_id: transfer_id, amount: amount_usd, ...walletMembers(wallet), replayed, ...roundedFrom({ amount: amount.value }) })
})

function walletMembers(wallet: Wallet) {
  return {
    agent_id: wallet.agent_name,
    wallet_id: wallet.wallet_id,
    balance: wallet.balance_usd,
    held: wallet.held_usd,
    available: wallet.available_usd,
    currency: 'USD' as const,
  }
}

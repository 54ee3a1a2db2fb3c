import {
  createEscrowTool as createDefinition,
  type EscrowChanged,
  refundEscrowTool as refundDefinition,
  releaseEscrowTool as releaseDefinition,
} from '@purser/contract'
import { ok, type Result, usdOfPicos } from '../../../kernel/index.ts'
import { openEscrowOperation, refundEscrowOperation, releaseEscrowOperation } from '../../wallets/escrows.ts'
import { roundedFrom, statedAmount } from '../amount.ts'
import { implementTool, inside } from '../tool.ts'
import { refused } from './operation-result.ts'
import { stock } from './sandbox.ts'

/** Sets money of the agent aside for another. */
export const createEscrowTool = implementTool(createDefinition, async (context, input): Promise<Result<unknown>> => {
  const amount = statedAmount(input.amount, '/amount', 'refused')
  if (!amount.ok) return amount
  await stock(context, context.agent)
  await stock(context, input.payee)
  const opened = await openEscrowOperation.run(inside(context), {
    organization_id: context.organization,
    payer: context.agent,
    payee: input.payee,
    amount_usd: usdOfPicos(amount.value.amount),
    escrow_id: input.escrow_id ?? null,
    memo: input.memo ?? null,
  })
  return opened.ok
    ? ok({ ...escrowMembers(opened.value as EscrowChanged), ...roundedFrom({ amount: amount.value }) })
    : refused(opened.error)
})

/** Pays the payee, all of it or a part. */
export const releaseEscrowTool = implementTool(releaseDefinition, async (context, input): Promise<Result<unknown>> => {
  const amount = input.amount === undefined ? ok(null) : statedAmount(input.amount, '/amount', 'allowed')
  if (!amount.ok) return amount
  const ended = await releaseEscrowOperation.run(inside(context), {
    organization_id: context.organization,
    escrow_id: input.escrow_id,
    ...(amount.value === null ? {} : { amount_usd: usdOfPicos(amount.value.amount) }),
    reason: input.reason ?? null,
  })
  return ended.ok ? ok({ ...escrowMembers(ended.value as EscrowChanged), ...roundedFrom({ amount: amount.value }) }) : refused(ended.error)
})

/** Gives the payer all of it back. */
export const refundEscrowTool = implementTool(refundDefinition, async (context, input): Promise<Result<unknown>> => {
  const ended = await refundEscrowOperation.run(inside(context), {
    organization_id: context.organization,
    escrow_id: input.escrow_id,
    reason: input.reason ?? null,
  })
  return ended.ok ? ok(escrowMembers(ended.value as EscrowChanged)) : refused(ended.error)
})

function escrowMembers(escrow: EscrowChanged) {
  return {
    escrow_id: escrow.escrow_id,
    payer: escrow.payer,
    payee: escrow.payee,
    amount: escrow.amount_usd,
    status: escrow.status,
    paid: escrow.paid_usd,
    refunded: escrow.refunded_usd,
    memo: escrow.memo,
    opened_at: escrow.opened_at,
    ended_at: escrow.ended_at,
    replayed: escrow.replayed,
  }
}

import { Type } from '@sinclair/typebox'
import { Id, Name, Nullable, Time, UsdText } from '../scalars.ts'
import { AgentField, AmountField, RoundedFrom } from './fields.ts'
import { tool } from './tool.ts'

const Memo = Type.Optional(Type.String({ maxLength: 1_000 }))

const wallet = {
  agent_id: Type.String(),
  wallet_id: Type.String(),
  balance: UsdText,
  held: Type.String({ ...UsdText, description: 'Set aside for calls that are under way.' }),
  available: Type.String({ ...UsdText, description: 'What may still be spent: the balance less what is held.' }),
  currency: Type.Literal('USD'),
}

export const createWalletTool = tool({
  tool: 'create_wallet',
  title: 'Open the wallet of an agent',
  description:
    'Opens the wallet of an agent. From then on its calls are paid from it, and refused when it cannot pay. Opened again, it is the same wallet and nothing moves. On a local server without keys it starts with 500 credits to try things out.',
  input: Type.Object({ ...AgentField }, { additionalProperties: false }),
  answer: Type.Object({ ...wallet, existed: Type.Boolean({ description: 'It had been opened before.' }), created_at: Time }),
  permission: 'manage',
  effect: 'add',
  idempotent: true,
  example: {},
})

export const getBalanceTool = tool({
  tool: 'get_balance',
  title: 'What an agent has',
  description: 'The balance of an agent’s wallet, what of it is held for calls under way, and what may still be spent.',
  input: Type.Object({ ...AgentField }, { additionalProperties: false }),
  answer: Type.Object(wallet),
  permission: 'report',
  effect: 'read',
  example: {},
})

export const depositTool = tool({
  tool: 'deposit',
  title: 'Put money into the wallet of an agent',
  description: 'Moves money of the organization into the wallet of an agent. With a deposit_id it moves once, however often it is sent.',
  input: Type.Object({ ...AgentField, amount: AmountField, deposit_id: Type.Optional(Id), memo: Memo }, { additionalProperties: false }),
  answer: Type.Object({ deposit_id: Type.String(), amount: UsdText, ...wallet, replayed: Type.Boolean(), ...RoundedFrom }),
  permission: 'manage',
  effect: 'add',
  idempotencyField: 'deposit_id',
  example: { amount: '100.00' },
})

const escrow = {
  escrow_id: Type.String(),
  payer: Type.String(),
  payee: Type.String(),
  amount: UsdText,
  status: Type.Union([Type.Literal('open'), Type.Literal('released'), Type.Literal('refunded'), Type.Literal('split')]),
  paid: Nullable(UsdText),
  refunded: Nullable(UsdText),
  memo: Nullable(Type.String()),
  opened_at: Time,
  ended_at: Nullable(Time),
  replayed: Type.Boolean(),
}

export const createEscrowTool = tool({
  tool: 'create_escrow',
  title: 'Set money aside for another agent',
  description:
    'Moves money out of the agent’s wallet and keeps it for a service of another agent, until it is released or refunded. The amount is not a cost until it is released. Refused when the wallet does not hold enough.',
  input: Type.Object(
    { ...AgentField, amount: AmountField, payee: Name, escrow_id: Type.Optional(Id), memo: Memo },
    { additionalProperties: false },
  ),
  answer: Type.Object({ ...escrow, ...RoundedFrom }),
  permission: 'report',
  effect: 'add',
  metered: true,
  idempotencyField: 'escrow_id',
  example: { amount: '25.00', payee: 'summarizer-01' },
})

export const releaseEscrowTool = tool({
  tool: 'release_escrow',
  title: 'Pay what was set aside',
  description:
    'Pays the payee of an escrow all of it, or a part: then the rest goes back. By the payer, or by a key that is not bound to an agent.',
  input: Type.Object({ ...AgentField, escrow_id: Id, amount: Type.Optional(AmountField), reason: Memo }, { additionalProperties: false }),
  answer: Type.Object({ ...escrow, ...RoundedFrom }),
  permission: 'report',
  effect: 'replace',
  idempotent: true,
  example: { escrow_id: 'escrow_1' },
})

export const refundEscrowTool = tool({
  tool: 'refund_escrow',
  title: 'Give back what was set aside',
  description: 'Gives the payer of an escrow all of it back. By the payee, or by a key that is not bound to an agent.',
  input: Type.Object({ ...AgentField, escrow_id: Id, reason: Memo }, { additionalProperties: false }),
  answer: Type.Object(escrow),
  permission: 'report',
  effect: 'replace',
  idempotent: true,
  example: { escrow_id: 'escrow_1' },
})

import { type Static, Type } from '@sinclair/typebox'
import { Id, Name, Nullable, Time, UsdInput, UsdText } from './scalars.ts'

const organization = { organization_id: Type.Optional(Nullable(Id)) }
const memo = { memo: Type.Optional(Nullable(Type.String({ maxLength: 1_000 }))) }
const transferId = {
  transfer_id: Type.Optional(Nullable(Id)),
}

const wallet = {
  wallet_id: Type.String({ description: 'The account in the books.' }),
  organization_id: Type.String(),
  agent_name: Type.String(),
  balance_usd: UsdText,
  held_usd: Type.String({ description: 'Held for calls that are being made.' }),
  available_usd: Type.String({
    description: 'What may still be spent: the balance less what is held. Negative when calls have cost more than there was.',
  }),
  received_usd: Type.String({ description: 'All that ever came in.' }),
  spent_usd: Type.String({ description: 'All that ever went out.' }),
}

/** What an agent has. */
export const Wallet = Type.Object(wallet, { $id: 'Wallet' })

export const OpenWallet = Type.Object(
  { agent_name: Name, opening_usd: Type.Optional(Nullable(UsdInput)), ...organization },
  { $id: 'OpenWallet', additionalProperties: false },
)

export const WalletOpened = Type.Object(
  { ...wallet, opened_at: Time, existed: Type.Boolean({ description: 'It had been opened before: nothing moved.' }) },
  { $id: 'WalletOpened' },
)

export const WalletQuery = Type.Object({ agent_name: Name, ...organization }, { $id: 'WalletQuery', additionalProperties: false })

export const WalletsQuery = Type.Object(organization, { $id: 'WalletsQuery', additionalProperties: false })

export const WalletsAnswer = Type.Object({ wallets: Type.Array(Type.Ref('Wallet')) }, { $id: 'WalletsAnswer' })

/** Money in or out of one wallet. */
export const WalletMove = Type.Object(
  { agent_name: Name, amount_usd: UsdInput, ...transferId, ...memo, ...organization },
  { $id: 'WalletMove', additionalProperties: false },
)

/** Money from one wallet to another. */
export const WalletPayment = Type.Object(
  { agent_name: Name, to_agent: Name, amount_usd: UsdInput, ...transferId, ...memo, ...organization },
  { $id: 'WalletPayment', additionalProperties: false },
)

export const WalletMoved = Type.Object(
  {
    transfer_id: Type.String(),
    type: Type.String(),
    agent_name: Type.String(),
    to_agent: Nullable(Type.String()),
    amount_usd: UsdText,
    wallet: Type.Ref('Wallet'),
    replayed: Type.Boolean(),
  },
  { $id: 'WalletMoved' },
)

export const StatementQuery = Type.Object(
  {
    agent_name: Name,
    from: Type.Optional(Time),
    to: Type.Optional(Time),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
    ...organization,
  },
  { $id: 'StatementQuery', additionalProperties: false },
)

export const Statement = Type.Object(
  {
    wallet: Type.Ref('Wallet'),
    lines: Type.Array(
      Type.Object({
        seq: Type.Integer(),
        at: Time,
        type: Type.String({ description: 'open, deposit, withdraw, fund, pay, earn, escrow_open, escrow_release or escrow_refund.' }),
        id: Type.String(),
        other_agent: Nullable(Type.String()),
        amount_usd: Type.String({ description: 'Above zero: it came in.' }),
        memo: Nullable(Type.String()),
      }),
      { description: 'What moved but for calls, oldest first.' },
    ),
    truncated: Type.Boolean(),
  },
  { $id: 'WalletStatement' },
)

export const ProfitQuery = Type.Object(
  {
    agent_name: Name,
    from: Type.Optional(Time),
    to: Type.Optional(Time),
    period: Type.Optional(Type.String({ maxLength: 32 })),
    ...organization,
  },
  { $id: 'ProfitQuery', additionalProperties: false },
)

export const Profit = Type.Object(
  {
    agent_name: Type.String(),
    organization_id: Type.String(),
    from: Nullable(Time),
    to: Nullable(Time),
    revenue_usd: UsdText,
    calls_usd: Nullable(Type.String({ description: 'What its calls cost, as far as their price is known; null when no price is.' })),
    purchases_usd: Type.String({ description: 'What it bought from other agents.' }),
    cost_usd: Nullable(UsdText),
    profit_usd: Nullable(UsdText),
    margin_pct: Nullable(Type.Number({ description: 'Profit in percent of revenue; null without revenue.' })),
    calls: Type.Integer(),
    unpriced_calls: Type.Integer({ description: 'Calls whose price is not known: the cost is at least what is said.' }),
  },
  { $id: 'AgentProfit' },
)

const escrow = {
  escrow_id: Type.String(),
  organization_id: Type.String(),
  payer: Type.String(),
  payee: Type.String(),
  amount_usd: UsdText,
  memo: Nullable(Type.String()),
  status: Type.Union([Type.Literal('open'), Type.Literal('released'), Type.Literal('refunded'), Type.Literal('split')]),
  paid_usd: Nullable(UsdText),
  refunded_usd: Nullable(UsdText),
  opened_at: Time,
  ended_at: Nullable(Time),
}

export const Escrow = Type.Object(escrow, { $id: 'Escrow' })

export const OpenEscrow = Type.Object(
  { escrow_id: Type.Optional(Nullable(Id)), payer: Name, payee: Name, amount_usd: UsdInput, ...memo, ...organization },
  { $id: 'OpenEscrow', additionalProperties: false },
)

export const EscrowChanged = Type.Object({ ...escrow, replayed: Type.Boolean() }, { $id: 'EscrowChanged' })

export const EndEscrow = Type.Object(
  {
    escrow_id: Id,
    amount_usd: Type.Optional(Nullable(UsdInput)),
    reason: Type.Optional(Nullable(Type.String({ maxLength: 1_000 }))),
    ...organization,
  },
  {
    $id: 'EndEscrow',
    additionalProperties: false,
    description: 'Without an amount: all of it. Less than all: the rest goes back to the payer.',
  },
)

export const RefundEscrow = Type.Object(
  { escrow_id: Id, reason: Type.Optional(Nullable(Type.String({ maxLength: 1_000 }))), ...organization },
  { $id: 'RefundEscrow', additionalProperties: false },
)

export const EscrowQuery = Type.Object({ escrow_id: Id, ...organization }, { $id: 'EscrowQuery', additionalProperties: false })

export type Wallet = Static<typeof Wallet>
export type WalletOpened = Static<typeof WalletOpened>
export type WalletMove = Static<typeof WalletMove>
export type WalletPayment = Static<typeof WalletPayment>
export type WalletMoved = Omit<Static<typeof WalletMoved>, 'wallet'> & { wallet: Wallet }
export type WalletsAnswer = { wallets: Wallet[] }
export type Statement = Omit<Static<typeof Statement>, 'wallet'> & { wallet: Wallet }
export type Profit = Static<typeof Profit>
export type Escrow = Static<typeof Escrow>
export type EscrowChanged = Static<typeof EscrowChanged>

import { type Picos, picos } from '../../src/kernel/index.ts'
import { WALLET_TRANSFERS, type WalletTransfer } from '../../src/ledger/index.ts'
import type { Delivery } from '../records.ts'
import { randomAmount } from './calls.ts'
import { nameOrNew, nextName, type Organization, recorded, type World } from './world.ts'

/** Those that make calls, one that only sells, and one that never has a wallet. */
const AGENTS = ['planner', 'writer', 'Ünïcode 🦊', 'seller'] as const
const NOBODY = 'nobody'

/** Late, early, and again: an agent that has been calling for long gets a wallet. In one organization nobody does. */
export function walletOpenings(world: World, organization: Organization): readonly Delivery[] {
  const { dice } = world
  if (organization === world.organizations[0]) return []
  const opening = dice.perMille(30) ? picos(-1n) : dice.perMille(500) ? picos(0n) : much(world)
  return [recorded(world, organization, { kind: 'wallet_open', wallet: { id: dice.pick(AGENTS), opening, at: world.now } })]
}

export function walletTransfers(world: World, organization: Organization): readonly Delivery[] {
  const { dice } = world
  const type = dice.perMille(500) ? 'deposit' : dice.pick(WALLET_TRANSFERS)
  const between = type === 'fund' || type === 'pay'
  const transfer: WalletTransfer = {
    id: nameOrNew(world, 'transfer', organization.transfers, 950),
    type,
    agent: someAgent(world),
    to: between ? someAgent(world) : null,
    amount: type === 'deposit' ? much(world) : amountOf(world),
    memo: dice.maybe(() => 'for the task'),
    at: world.now,
  }
  const filling =
    type === 'fund' && dice.perMille(500) ? { ...transfer, amount: picos(0n), upTo: dice.pick([amountOf(world), much(world)]) } : transfer
  return [recorded(world, organization, { kind: 'wallet_transfer', transfer: filling })]
}

export function escrowOpenings(world: World, organization: Organization): readonly Delivery[] {
  const { dice, now } = world
  const again = dice.perMille(40) && organization.escrows.length > 0 ? dice.pick(organization.escrows) : null
  const id = again?.id ?? nextName(world, 'escrow')
  const amount = amountOf(world)
  if (again === null) organization.escrows.push({ id, amount })
  const escrow = { id, payer: someAgent(world), payee: someAgent(world), amount, memo: dice.maybe(() => 'a summary'), at: now }
  return [recorded(world, organization, { kind: 'escrow_open', escrow })]
}

/** One agent buys of another, from the first deposit to the end; all of it may go out at once. */
export function purchases(world: World, organization: Organization): readonly Delivery[] {
  const { dice, now } = world
  if (organization === world.organizations[0]) return []
  const [payer, payee] = dice.pick([
    ['planner', 'seller'],
    ['writer', 'planner'],
  ] as const)
  const [id, amount] = [nextName(world, 'escrow'), picos(1n + dice.bigBelow(9_000_000_000_000n))]
  const opened = [payer, payee].map((agent) =>
    recorded(world, organization, { kind: 'wallet_open', wallet: { id: agent, opening: picos(0n), at: now } }),
  )
  const deposit: WalletTransfer = { id: nextName(world, 'transfer'), type: 'deposit', agent: payer, to: null, amount, memo: null, at: now }
  const escrow = { id, payer, payee, amount: picos(amount + dice.pick([0n, 0n, 1n])), memo: null, at: now }
  organization.escrows.push({ id, amount: escrow.amount })
  const paid = picos(dice.pick([escrow.amount, escrow.amount / 2n, 0n]))
  const end = { id, paid, refunded: picos(escrow.amount - paid), reason: null, at: now }
  return [
    ...opened,
    recorded(world, organization, { kind: 'wallet_transfer', transfer: deposit }),
    ...said(world, recorded(world, organization, { kind: 'escrow_open', escrow })),
    ...(dice.perMille(700) ? said(world, recorded(world, organization, { kind: 'escrow_end', end })) : []),
  ]
}

/** Once, or twice by a caller in doubt. */
function said({ dice }: World, delivery: Delivery): readonly Delivery[] {
  return dice.perMille(600) ? [delivery, delivery] : [delivery]
}

/** All to one side, in parts, and in parts that are not the whole; also of escrows that were refused. */
export function escrowEnds(world: World, organization: Organization): readonly Delivery[] {
  const { dice, now } = world
  const known = organization.escrows.length === 0 || dice.perMille(30) ? { id: 'escrow-nobody-opened', amount: picos(1n) } : null
  const { id, amount } = known ?? dice.pick(organization.escrows)
  const paid = dice.pick([0n, amount, amount, amount / 3n, amount + 1n])
  const refunded = amount - paid + (dice.perMille(30) ? 1n : 0n)
  const end = { id, paid: picos(paid), refunded: picos(refunded), reason: dice.maybe(() => 'delivered'), at: now }
  const ended = recorded(world, organization, { kind: 'escrow_end', end })
  return dice.perMille(600) ? [ended, ended] : [ended]
}

function someAgent({ dice }: World): string {
  return dice.perMille(40) ? NOBODY : dice.pick(AGENTS)
}

/** Nothing and less are asked for, too. */
function amountOf(world: World): Picos {
  const { dice } = world
  if (dice.perMille(40)) return picos(dice.pick([0n, -1n]))
  return dice.perMille(700) ? picos(1n + dice.bigBelow(2_000_000_000_000n)) : randomAmount(world)
}

function much({ dice }: World): Picos {
  return picos(1n + dice.bigBelow(dice.perMille(300) ? 4_000_000_000_000_000_000n : 40_000_000_000_000n))
}

import { decimalOfNumber, type Picos, picos, sumPicos, ZERO } from '../../kernel/index.ts'

/** A limit of one agent, and what is spent and held of it. */
export interface AgentBudget {
  readonly agent: string
  readonly id: string
  readonly limit: Picos
  readonly used: Picos
}

export interface RebalanceRules {
  /** Who has used a smaller part gives, who has used a greater one receives; in percent. */
  readonly donorBelowPct: number
  readonly receiverAbovePct: number
  /** How much of what a donor has left it gives, in percent. */
  readonly sharePct: number
  /** No donor's limit falls below this. */
  readonly floor: Picos
}

export interface Rebalanced {
  readonly changes: readonly (AgentBudget & { readonly newLimit: Picos })[]
  readonly moved: Picos
  /** Why nothing changes; null when something does. */
  readonly reason: string | null
}

/**
 * New limits: each donor gives a share of what it has left, the receivers share it evenly, and the first of them take a pico more where it does not
 * divide. What is given is what is received, so the sum of all limits stays. Pure.
 */
export function rebalanced(budgets: readonly AgentBudget[], rules: RebalanceRules): Rebalanced {
  const donors = budgets.filter((budget) => isBelow(budget, rules.donorBelowPct))
  const receivers = budgets.filter((budget) => !donors.includes(budget) && isAbove(budget, rules.receiverAbovePct))
  if (donors.length === 0 || receivers.length === 0) return nothing(donors.length === 0 ? 'no agent is idle' : 'no agent is short')
  const gifts = donors.map((donor) => ({ donor, gift: giftOf(donor, rules) })).filter(({ gift }) => gift > 0n)
  const moved = sumPicos(gifts.map(({ gift }) => gift))
  if (moved === 0n) return nothing('no idle agent has anything to give')
  const each = moved / BigInt(receivers.length)
  const left = moved % BigInt(receivers.length)
  return {
    changes: [
      ...gifts.map(({ donor, gift }) => ({ ...donor, newLimit: picos(donor.limit - gift) })),
      ...receivers.map((receiver, at) => ({ ...receiver, newLimit: picos(receiver.limit + each + (BigInt(at) < left ? 1n : 0n)) })),
    ],
    moved,
    reason: null,
  }
}

function nothing(reason: string): Rebalanced {
  return { changes: [], moved: ZERO, reason }
}

/** Never so much that the limit falls below the floor, or below what is used. */
function giftOf({ limit, used }: AgentBudget, { sharePct, floor }: RebalanceRules): Picos {
  const { digits, hundred } = percentOf(sharePct)
  const share = ((limit - used) * digits) / hundred
  const room = limit - (used > floor ? used : floor)
  if (room <= 0n) return ZERO
  if (share > room) return picos(room)
  return picos(share)
}

function isBelow({ limit, used }: AgentBudget, percent: number): boolean {
  const { digits, hundred } = percentOf(percent)
  return used * hundred < limit * digits
}

function isAbove({ limit, used }: AgentBudget, percent: number): boolean {
  const { digits, hundred } = percentOf(percent)
  return used * hundred > limit * digits
}

/** A percentage as a fraction of whole numbers: the decimal that was written. */
function percentOf(percent: number): { readonly digits: bigint; readonly hundred: bigint } {
  const { digits, scale } = decimalOfNumber(percent) ?? { digits: 0n, scale: 0 }
  return { digits, hundred: 100n * 10n ** BigInt(scale) }
}

import { type Picos, picos } from '../../kernel/index.ts'
import type { HeldIn } from './hold-state.ts'
import { fits, roomIn, type Standing } from './room.ts'
import type { BudgetRule } from './rule.ts'

/** Why one budget does not let a call pass. */
export interface Objection {
  readonly standing: Standing
  /** `limit`: the worst case does not fit. `unpriced`: it is not known, and the budget does not guess. */
  readonly reason: 'limit' | 'unpriced'
  readonly requested: Picos | null
}

/** What may happen at most, as far as it is known. */
export interface WorstCase {
  readonly amount: Picos | null
  readonly fallback: Picos | null
}

/** All or nothing: what is held in each counter, or every hard budget that objects. `shadowed` would have objected and only looked on. */
export type Admission =
  | { readonly admitted: true; readonly held: readonly HeldIn[]; readonly shadowed: readonly Objection[] }
  | { readonly admitted: false; readonly objections: readonly Objection[]; readonly shadowed: readonly Objection[] }

/**
 * Whether a call whose worst case is known may be made: every hard budget that matches must have room for it, and none overrides another. Soft
 * and shadow budgets hold too, so that what they show is what is under way, but they never refuse.
 */
export function admit(standings: readonly Standing[], worst: WorstCase): Admission {
  const objections: Objection[] = []
  const shadowed: Objection[] = []
  const held: HeldIn[] = []
  for (const standing of standings) {
    const { rule, counter } = standing.match
    const amount = amountFor(rule, worst)
    const objection = objectionOf(standing, amount)
    if (objection !== null && rule.mode === 'hard') objections.push(objection)
    if (objection !== null && rule.mode === 'shadow') shadowed.push(objection)
    if (amount !== null && amount > 0n) held.push({ counter, amount })
  }
  return objections.length === 0 ? { admitted: true, held, shadowed } : { admitted: false, objections, shadowed }
}

/** The amount that fits into every hard budget, null when none of them limits it: what a caller may lower its worst case to. */
export function mostThatFits(standings: readonly Standing[]): Picos | null {
  let most: bigint | null = null
  for (const standing of standings) {
    if (standing.match.rule.mode !== 'hard') continue
    const room = roomIn(standing)
    if (most === null || room < most) most = room
  }
  return most === null ? null : picos(most > 0n ? most : 0n)
}

/** What a rule holds for a call; null when the price is not known and the rule does not say what to do without it. */
function amountFor(rule: BudgetRule, { amount, fallback }: WorstCase): Picos | null {
  if (amount !== null) return amount
  if (rule.unpriced === 'allow') return picos(0n)
  return rule.unpriced === 'worst_case' ? fallback : null
}

function objectionOf(standing: Standing, amount: Picos | null): Objection | null {
  if (amount === null) return { standing, reason: 'unpriced', requested: null }
  return fits(standing, amount) ? null : { standing, reason: 'limit', requested: amount }
}

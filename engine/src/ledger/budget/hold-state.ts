import type { Millis, Picos } from '../../kernel/index.ts'
import type { ServiceTier } from '../../usage/index.ts'
import type { CounterKey } from './rule.ts'
import type { CallScope } from './scope.ts'

/** What a hold keeps from others in one counter. Budgets with another policy for unknown prices may hold another amount. */
export interface HeldIn {
  readonly counter: CounterKey
  readonly amount: Picos
}

/** Money kept for a call that is being made, until it is posted, given up, or its deadline passes. */
export interface HoldState {
  readonly organization: string
  /** The id of the call it was taken for. */
  readonly id: string
  readonly scope: CallScope
  /** The most it can use of each meter, as it was granted or extended last. */
  readonly meters: Readonly<Record<string, number>>
  /** When it was taken; the call counts in the periods of this time. */
  readonly at: Millis
  /** From here on it may be given up for the caller; a call that is settled later is posted all the same. */
  readonly deadline: Millis
  /** The worst case; null when no price is known. */
  readonly amount: Picos | null
  /** What budgets that let an unknown price pass at its worst hold in place of `amount`; null when nothing can be said. */
  readonly fallback: Picos | null
  /** Empty once it has expired. */
  readonly held: readonly HeldIn[]
  /** When it was taken back; null while it holds. It is remembered, because its call may still be settled. */
  readonly expiredAt: Millis | null
  /** As asked for; the price depends on them. */
  readonly tier: ServiceTier | null
  readonly region: string | null
  /** Ids of the breakers that counted it when it was granted: its call is not counted in them once more. */
  readonly breakers: readonly string[]
}

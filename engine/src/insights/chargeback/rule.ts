import type { Dimension, Filter } from '../../calls/index.ts'
import type { Decimal, Millis } from '../../kernel/index.ts'

/** How a shared cost is divided among those who bear it. */
export const ALLOCATION_METHODS = ['percent', 'weights', 'even', 'proportional'] as const
export type AllocationMethod = (typeof ALLOCATION_METHODS)[number]

/** What a share is proportional to: what the values of the dimension have spent, called or used themselves. */
export const ALLOCATION_BASES = ['cost', 'calls', 'tokens'] as const
export type AllocationBasis = (typeof ALLOCATION_BASES)[number]

export interface AllocationTarget {
  readonly value: string
  /** Percent of the shared cost, or a weight; null where the method needs none. Not negative. */
  readonly weight: Decimal | null
}

/**
 * A rule that an organization has declared: the cost of some calls is shared, and borne by values of a dimension. Percentages may add up to less than 100:
 * the rest stays unattributed. Without targets every value that has calls of its own in the time asked about bears its part.
 */
export interface AllocationRule {
  readonly id: string
  readonly name: string | null
  /** Whose values bear the cost; a report by another dimension does not apply the rule. */
  readonly dimension: Dimension
  /** Which calls are shared: those that match all of these. */
  readonly shared: readonly Filter[]
  readonly method: AllocationMethod
  readonly basis: AllocationBasis | null
  readonly targets: readonly AllocationTarget[]
  /** From when to when it holds, by the time of a call; null: no bound. */
  readonly from: Millis | null
  readonly to: Millis | null
}

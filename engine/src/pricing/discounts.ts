import { assert, type Millis, type Picos, picosOfUsd } from '../kernel/index.ts'
import type { DecimalText } from './records.ts'

/** What an agent must have spent in a month for a discount, in US dollars. */
export interface DiscountTier {
  readonly name: string
  readonly fromUsd: DecimalText
  /** 0 to 100. */
  readonly percent: number
}

/** The volume discounts that an organization has declared, the smallest volume first. They are shown; charges follow the rates. */
export interface Discounts {
  readonly organization: string
  readonly setAt: Millis
  readonly tiers: readonly DiscountTier[]
}

/** The tier that a volume has reached, and the one above it; null where there is none. A tier is reached at its threshold, not past it. */
export function discountAt(tiers: readonly DiscountTier[], volume: Picos): { current: DiscountTier | null; next: DiscountTier | null } {
  let current: DiscountTier | null = null
  for (const tier of tiers) {
    const from = picosOfUsd(tier.fromUsd)
    assert(from !== null, 'thresholds are checked when they are set')
    if (volume < from) return { current, next: tier }
    current = tier
  }
  return { current, next: null }
}

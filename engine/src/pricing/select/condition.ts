import type { Millis } from '../../kernel/index.ts'
import type { ServiceTier } from '../../usage/index.ts'
import type { When } from '../records.ts'
import { inWindow } from './window.ts'

/** The facts of a call that conditions of rates ask for; null where the call does not say. */
export interface Facts {
  readonly tier: ServiceTier
  readonly region: string | null
  readonly endpoint: string | null
  readonly searchContext: 'low' | 'medium' | 'high' | null
}

/**
 * Whether all listed facts hold at a time. A fact that the call does not state matches no list: a rate for `us` is not used on a guess.
 * The bracket is not judged here; it depends on quantities.
 */
export function conditionHolds(when: When | undefined, facts: Facts, at: Millis): boolean {
  if (when === undefined) return true
  if (when.tier !== undefined && !when.tier.includes(facts.tier)) return false
  if (when.region !== undefined && !(facts.region !== null && when.region.includes(facts.region))) return false
  if (when.endpoint !== undefined && !(facts.endpoint !== null && when.endpoint.includes(facts.endpoint))) return false
  if (when.searchContext !== undefined && !(facts.searchContext !== null && when.searchContext.includes(facts.searchContext))) return false
  return when.window === undefined || inWindow(when.window, at)
}

/** How many facts a condition names, brackets aside: the more, the more specific. */
export function specificity(when: When | undefined): number {
  if (when === undefined) return 0
  let count = 0
  if (when.tier !== undefined) count++
  if (when.region !== undefined) count++
  if (when.endpoint !== undefined) count++
  if (when.searchContext !== undefined) count++
  if (when.window !== undefined) count++
  return count
}

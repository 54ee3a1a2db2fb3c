import type { Millis } from '../../kernel/index.ts'
import type { CallScope } from '../budget/scope.ts'
import type { BreakerMatch } from './matching.ts'
import type { BreakerRow, BreakerRule } from './rule.ts'
import { countedIn, roomAt, stepsAt, timeOf, usedIn } from './window.ts'

/** Why one breaker does not let a call pass. */
export interface BreakerObjection {
  readonly match: BreakerMatch
  /** `open`: it has opened. `limit`: the call would go past the limit. */
  readonly reason: 'open' | 'limit'
  readonly counted: bigint
  readonly openedAt: Millis | null
  /** When the call passes if nothing else comes; null: waiting does not help. */
  readonly availableAt: Millis | null
}

/** What a call would add, before it is made. */
export interface Asked {
  readonly scope: CallScope
  /** Worst case in picos; 0 when nothing can be said. */
  readonly amount: bigint
  readonly now: Millis
}

/** Whether a breaker lets a call pass, by what it has seen; null when it does. */
export function objectionOf(match: BreakerMatch, row: BreakerRow, { scope, amount, now }: Asked): BreakerObjection | null {
  const { rule } = match
  const { openedAt, openUntil } = row
  if (rule.measure === 'depth') {
    const counted = BigInt(scope.runs.length)
    return counted > rule.limit ? { match, reason: 'limit', counted, openedAt: null, availableAt: null } : null
  }
  const steps = stepsAt(rule, row, now)
  const time = timeOf(row, now)
  const counted = countedIn(steps)
  const needed = neededFor(rule, amount)
  const cooling = openUntil !== null && time < openUntil ? openUntil : null
  const over = refusesWhenFull(rule) && needed > 0n && usedIn(steps) + needed > rule.limit
  if (cooling === null && !over) return null
  if (!over) return { match, reason: 'open', counted, openedAt, availableAt: cooling }
  const room = needed > rule.limit ? null : roomAt(rule, steps, rule.limit - needed, time)
  const availableAt = room === null ? null : Math.max(room, cooling ?? 0)
  return { match, reason: cooling !== null || counted >= rule.limit ? 'open' : 'limit', counted, openedAt, availableAt }
}

/** What a call takes of a limit at the least; a call that fails next is one more failure. */
function neededFor({ measure }: BreakerRule, amount: bigint): bigint {
  return measure === 'cost' ? amount : 1n
}

/**
 * Failures do not stop the next call by their number, unless it is to wait until some have left the window: after a cooldown, or when the
 * agent is resumed, one call is let through, and if it fails as well the breaker opens again.
 */
function refusesWhenFull({ measure, action }: BreakerRule): boolean {
  return measure !== 'errors' || action === 'throttle'
}

/** Whether a breaker is open by what it has seen. */
export function isOpen(rule: BreakerRule, row: BreakerRow, now: Millis): boolean {
  if (row.openUntil !== null && timeOf(row, now) < row.openUntil) return true
  return (refusesWhenFull(rule) || rule.action === 'pause') && countedIn(stepsAt(rule, row, now)) >= rule.limit
}

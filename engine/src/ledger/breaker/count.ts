import type { Millis } from '../../kernel/index.ts'
import { isActive } from '../agent/agent-state.ts'
import type { HoldState } from '../budget/hold-state.ts'
import type { CallScope } from '../budget/scope.ts'
import type { Draft } from '../draft.ts'
import { breakerRowIn, breakersIn, putBreakerRow } from './draft-breakers.ts'
import { type Asked, type BreakerObjection, isOpen, objectionOf } from './judge.ts'
import { type BreakerMatch, breakersOf } from './matching.ts'
import type { BreakerRow, Trip } from './rule.ts'
import { added, countedIn, kept, released, roomAt, stepsAt, timeOf } from './window.ts'

/** Every breaker that does not let a call pass. */
export function breakerObjections(draft: Draft, matches: readonly BreakerMatch[], asked: Asked): BreakerObjection[] {
  return matches.map((match) => objectionOf(match, breakerRowIn(draft, match), asked)).filter((objection) => objection !== null)
}

/** The breakers that watch a call, as the batch has left them. */
export function watching(draft: Draft, scope: CallScope, fingerprint: string | null): BreakerMatch[] {
  const rules = breakersIn(draft, scope.organization)
  return rules.length === 0 ? NONE : breakersOf(rules, scope, fingerprint)
}

const NONE: BreakerMatch[] = []

/** What a granted hold counts at once: itself, and its worst case where money is watched. */
export function countHeld(draft: Draft, matches: readonly BreakerMatch[], at: Millis, { scope, amount, now }: Asked): Counted {
  const counting = matches.filter(({ rule }) => rule.measure !== 'depth' && rule.measure !== 'errors')
  const trips = counting.flatMap((match) =>
    match.rule.measure === 'cost'
      ? count(draft, match, { at, now, counted: 0n, held: amount }, scope.agent)
      : count(draft, match, { at, now, counted: 1n, held: 0n }, scope.agent),
  )
  return { breakers: [...new Set(counting.map(({ rule }) => rule.id))], trips }
}

export interface Counted {
  /** Ids of the breakers that the hold was counted in. */
  readonly breakers: readonly string[]
  readonly trips: readonly Trip[]
}

/** A call that is posted, as breakers see it. */
export interface PostedCall {
  readonly scope: CallScope
  readonly fingerprint: string | null
  readonly success: boolean
  /** Picos; null when no price is known. */
  readonly amount: bigint | null
  readonly at: Millis
  readonly now: Millis
}

/** Counts a posted call wherever its hold was not counted, its cost in the time of its hold, and whether it failed. */
export function countPosted(draft: Draft, call: PostedCall, hold: HoldState | null): Trip[] {
  const { scope, now, at, amount, success } = call
  const rules = breakersIn(draft, scope.organization)
  if (rules.length === 0) return []
  const counted = new Set(hold?.breakers)
  const trips: Trip[] = []
  for (const match of breakersOf(rules, scope, call.fingerprint)) {
    const { measure, id } = match.rule
    if (measure === 'depth' || counted.has(id)) continue
    if (measure === 'errors' && success) endStreak(draft, match, at, now)
    else if (measure !== 'cost') trips.push(...count(draft, match, { at, now, counted: 1n, held: 0n }, scope.agent))
    else trips.push(...count(draft, match, { at, now, counted: amount ?? 0n, held: 0n }, scope.agent))
  }
  if (hold !== null) {
    for (const match of moneyOf(draft, hold)) {
      trips.push(...count(draft, match, { at: hold.at, now, counted: amount ?? 0n, held: 0n }, scope.agent))
    }
  }
  return trips
}

/** What breakers on money keep for a hold: its worst case, or the dearest that is known; nothing when nothing is. */
export function amountHeld({ amount, fallback }: Pick<HoldState, 'amount' | 'fallback'>): bigint {
  return amount ?? fallback ?? 0n
}

/** Gives back what breakers on money hold for a call. That it was granted stays counted. */
export function releaseInBreakers(draft: Draft, hold: HoldState): void {
  if (hold.expiredAt !== null) return
  for (const match of moneyOf(draft, hold)) {
    putBreakerRow(draft, released(match.rule, breakerRowIn(draft, match), hold.at, amountHeld(hold)))
  }
}

/** Holds another amount for a call, where it fits: its own money is not counted against it. Nothing changes when a breaker objects. */
export function holdOtherwise(draft: Draft, hold: HoldState, amount: bigint, now: Millis): BreakerObjection[] {
  const matches = moneyOf(draft, hold)
  const without = matches.map((match) => released(match.rule, breakerRowIn(draft, match), hold.at, amountHeld(hold)))
  const objections = matches.map((match, index) =>
    objectionOf(match, without[index] ?? breakerRowIn(draft, match), { scope: hold.scope, amount, now }),
  )
  const found = objections.filter((objection) => objection !== null)
  if (found.length > 0) return found
  for (const [index, { rule }] of matches.entries()) {
    const row = without[index]
    if (row === undefined) continue
    const more = amount === 0n ? null : added(rule, row, { at: hold.at, now, counted: 0n, held: amount })
    putBreakerRow(draft, more ?? row)
  }
  return []
}

/** The breakers on money that a hold was counted in, with the values that it had then. */
function moneyOf(draft: Draft, hold: HoldState): BreakerMatch[] {
  if (hold.breakers.length === 0) return NONE
  const rules = breakersIn(draft, hold.organization).filter(({ id, measure }) => measure === 'cost' && hold.breakers.includes(id))
  return breakersOf(rules, hold.scope, null)
}

/** Adds to what a breaker has seen, and opens it when that reaches its limit now. */
function count(draft: Draft, match: BreakerMatch, adding: Parameters<typeof added>[2], agent: string | null): Trip[] {
  if (adding.counted === 0n && adding.held === 0n) return []
  const before = breakerRowIn(draft, match)
  const after = added(match.rule, before, adding)
  if (after === null) return []
  const trip = adding.counted === 0n ? null : tripOf(draft, match, before, after, { now: adding.now, agent })
  putBreakerRow(draft, trip === null ? after : opened(match, after, trip))
  return trip === null ? [] : [trip]
}

function opened({ rule }: BreakerMatch, row: BreakerRow, { at, until }: Trip): BreakerRow {
  return kept(rule, { ...row, openedAt: at, openUntil: rule.action === 'block' ? until : null })
}

/** Told once for an opening; an agent that was resumed and goes on past the limit is paused again. */
function tripOf(
  draft: Draft,
  { rule, key }: BreakerMatch,
  before: BreakerRow,
  after: BreakerRow,
  { now, agent }: { readonly now: Millis; readonly agent: string | null },
): Trip | null {
  const steps = stepsAt(rule, after, now)
  const counted = countedIn(steps)
  if (counted < rule.limit) return null
  const pauses = rule.action === 'pause' && agent !== null && isActive(draft, rule.organization, agent)
  if (!pauses && isOpen(rule, before, now)) return null
  const at = timeOf(after, now)
  const { id: breaker, measure, action, limit } = rule
  const until = action === 'block' ? at + rule.cooldownMs : action === 'pause' ? null : roomAt(rule, steps, limit - 1n, at)
  return { breaker, value: key.value, part: key.part, measure, action, limit, counted, agent, at, until }
}

/** A success ends a row of failures. What opened stays open until its cooldown is over. */
function endStreak(draft: Draft, match: BreakerMatch, at: Millis, now: Millis): void {
  const before = breakerRowIn(draft, match)
  // Of a success that is as late as that, nothing follows for now.
  const after = before.steps.length === 0 ? null : added(match.rule, before, { at, now, counted: 0n, held: 0n })
  if (after !== null) putBreakerRow(draft, kept(match.rule, { ...after, steps: [] }))
}

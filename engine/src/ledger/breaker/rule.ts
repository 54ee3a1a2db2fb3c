import type { Millis } from '../../kernel/index.ts'
import type { BudgetDimension } from '../budget/rule.ts'

/**
 * What a breaker watches: dollars or calls in a window, equal calls of one agent in it (by their fingerprint), calls of one run in it, how many
 * runs a call is nested in, calls that failed one after the other.
 */
export const BREAKER_MEASURES = ['cost', 'calls', 'repeats', 'fan_out', 'depth', 'errors'] as const
export type BreakerMeasure = (typeof BREAKER_MEASURES)[number]

/** `throttle` holds back until the window has room, `block` until a cooldown is over, `pause` pauses the agent until somebody resumes it. */
export const BREAKER_ACTIONS = ['throttle', 'block', 'pause'] as const
export type BreakerAction = (typeof BREAKER_ACTIONS)[number]

/** A rule on velocity or repetition, for everything that has one value of one dimension. It knows only what happens after it was set. */
export interface BreakerRule {
  readonly organization: string
  /** Ours, never used twice: rows and holds name it. */
  readonly id: string
  readonly name: string | null
  readonly dimension: BudgetDimension
  /** A value of the dimension, or `EVERY_VALUE`: each value is watched by itself. */
  readonly value: string
  readonly measure: BreakerMeasure
  /** So much may pass within the window: picos for `cost`, runs for `depth`, calls for all others. */
  readonly limit: bigint
  /** 0 for `depth`, which has none. */
  readonly windowMs: number
  readonly action: BreakerAction
  /** How long a `block` lasts; 0 for other actions. */
  readonly cooldownMs: number
  readonly createdAt: Millis
}

/** What a breaker counts apart: a value of its dimension, and within it a fingerprint of an agent, or a run. */
export interface BreakerKey {
  readonly organization: string
  readonly breaker: string
  readonly value: string
  /** Of `repeats` agent and fingerprint as JSON, of `fan_out` the run, else empty. */
  readonly part: string
}

/** A sixtieth of a window. */
export interface BreakerStep {
  readonly start: Millis
  /** What was granted or posted; picos for `cost`. */
  readonly counted: bigint
  /** What is held for calls under way; of `cost` alone. */
  readonly held: bigint
}

/**
 * What a breaker has seen lately. Kept while it matters and then forgotten: it is not computed from the journal, and a lost row only
 * means that its window begins anew.
 */
export interface BreakerRow extends BreakerKey {
  /** The oldest first; those that the window has left are dropped. */
  readonly steps: readonly BreakerStep[]
  /** The latest time at which something was counted: for a breaker, time never goes back. */
  readonly latest: Millis
  readonly openedAt: Millis | null
  /** Of a `block`, the end of its cooldown. */
  readonly openUntil: Millis | null
  /** From here on the row says nothing any more. */
  readonly expiresAt: Millis
}

/** The opening of a breaker, told once by the entry that reached its limit: what an alert is made from. */
export interface Trip {
  readonly breaker: string
  readonly value: string
  readonly part: string
  readonly measure: BreakerMeasure
  readonly action: BreakerAction
  readonly limit: bigint
  readonly counted: bigint
  /** Of the call that reached it; a `pause` pauses this one. */
  readonly agent: string | null
  readonly at: Millis
  /** When calls pass again if nothing else happens; null: when somebody resumes the agent. */
  readonly until: Millis | null
}

/** A breaker as set. Set again, it changes its name, limit, action or cooldown; what it watches stays. */
export interface BreakerSetting {
  /** Of this change, not of the breaker. */
  readonly id: string
  readonly rule: BreakerRule
}

export interface BreakerRemoval {
  /** Of the breaker: it is removed once and never set again. */
  readonly id: string
  readonly at: Millis
}

/** Forgets rows of an organization that say nothing any more. */
export interface BreakerSweep {
  readonly id: string
  readonly at: Millis
}

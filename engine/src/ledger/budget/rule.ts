import type { Millis, Period, Picos } from '../../kernel/index.ts'

/** What a budget can be about. `run` means a run and all of its descendants; `tag:<name>` the value of a tag. */
export const BUDGET_DIMENSIONS = [
  'organization',
  'agent',
  'team',
  'project',
  'cost_center',
  'user',
  'session',
  'workflow',
  'run',
  'model',
  'seller',
  'key',
  'action',
] as const
export type BudgetDimension = (typeof BUDGET_DIMENSIONS)[number] | `tag:${string}`

/** The value of a budget that is a template: every value of the dimension has a counter of its own. */
export const EVERY_VALUE = '*'

/** `hard` refuses; `soft` lets pass and alerts; `shadow` lets pass and only records what it would have refused. */
export type BudgetMode = 'hard' | 'soft' | 'shadow'

/** What a hard budget does with a call whose worst case has no known price. */
export type UnpricedPolicy = 'deny' | 'worst_case' | 'allow'

/**
 * A limit on what may be spent in a period by everything that has one value of one dimension. Its counters are what the calls of the
 * journal add up to, whether they came before the budget or after it: a budget never starts at zero in the middle of a month.
 */
export interface BudgetRule {
  readonly organization: string
  /** Ours, never used twice: counters and holds name it. */
  readonly id: string
  /** What people call it; null when they do not. */
  readonly name: string | null
  readonly dimension: BudgetDimension
  /** A value of the dimension, or `EVERY_VALUE`. */
  readonly value: string
  readonly period: Period
  /** IANA zone in which days and months begin. */
  readonly zone: string
  readonly limit: Picos
  readonly mode: BudgetMode
  /** Whole percent of the limit, ascending, each from 1 to 100: an alert each, once in a period. */
  readonly thresholds: readonly number[]
  /** Thresholds that someone listens for and that the budget does not have itself; left out where nobody does. Told like the others. */
  readonly watched?: readonly number[]
  readonly unpriced: UnpricedPolicy
  readonly createdAt: Millis
  /** Start of the first period it counts in: the one it was created in, from its beginning. Calls from before are not counted. */
  readonly countsFrom: Millis
  /** Seq of the entry that raised its limit last: what it refuses from then on is told anew. Left out while none has. The ledger sets it. */
  readonly raisedSeq?: number
}

/** In the order of their creation, which is the order in which they are named: by time, then id, since two may be set in one millisecond. */
export function inOrder(rules: readonly BudgetRule[]): BudgetRule[] {
  return [...rules].sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1))
}

/** What has been spent and is held against a budget, for one value in one period. Both are what holds and calls of the journal make them. */
export interface CounterState {
  readonly organization: string
  readonly budget: string
  readonly value: string
  /** Start of the period; of a rolling window, start of one of its steps. */
  readonly start: Millis
  readonly spent: Picos
  readonly held: Picos
  /** The spending up to which thresholds have been told: each is told once. An amount, so that a limit that is raised has thresholds to tell again. */
  readonly toldTo: Picos
  /** Seq of the entry that told last that the budget is exhausted; 0 while none has. */
  readonly exhaustedSeq: number
}

/** Names one counter. */
export type CounterKey = Pick<CounterState, 'organization' | 'budget' | 'value' | 'start'>

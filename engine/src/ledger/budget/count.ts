import { assert, type Millis, type Picos, picos } from '../../kernel/index.ts'
import { releaseInBreakers } from '../breaker/count.ts'
import type { Draft } from '../draft.ts'
import { counterKey } from '../row-keys.ts'
import { WALLET_BUDGET } from '../wallet/standing.ts'
import { type Match, matchesOf } from './counting.ts'
import { budgetsIn, counterIn, putCounter } from './draft-budgets.ts'
import type { HoldState } from './hold-state.ts'
import { type Crossing, crossingsOf, standingOf } from './room.ts'
import type { CounterKey, CounterState } from './rule.ts'
import type { CallScope } from './scope.ts'

/**
 * Counts an amount in every budget that a call matches, in full, whatever the limits say: it has been spent. A negative amount is a correction.
 */
export function countSpent(draft: Draft, scope: CallScope, at: Millis, amount: Picos): Counted {
  if (amount === 0n) return { counted: [], crossed: [] }
  const matches = matchesIn(draft, scope, at)
  return { counted: matches.map(({ counter }) => counter), crossed: matches.flatMap((match) => countIn(draft, match, amount)) }
}

/** The counters that an amount was counted in, and the thresholds that it made them reach. */
export interface Counted {
  readonly counted: readonly CounterKey[]
  readonly crossed: readonly Crossing[]
}

/** The budgets that a call matches at a time, as the batch has left them. */
export function matchesIn(draft: Draft, scope: CallScope, at: Millis): Match[] {
  const rules = budgetsIn(draft, scope.organization).filter((rule) => at >= rule.countsFrom)
  return rules.length === 0 ? [] : matchesOf(rules, scope, at)
}

function countIn(draft: Draft, match: Match, amount: Picos): readonly Crossing[] {
  const before = counterIn(draft, match.counter)
  const counter = changed(before, { spent: picos(before.spent + amount) })
  putCounter(draft, match.counter, counter)
  const crossings = crossingsOf(standingIn(draft, match), toldIn(draft, match))
  const highest = crossings.at(-1)
  if (highest !== undefined) putCounter(draft, match.counter, changed(counter, { toldTo: highest.level }))
  return crossings
}

/** What has been told so far: of a rolling window, in any of the steps that it still covers. */
function toldIn(draft: Draft, { window }: Match): Picos {
  let told = picos(0n)
  for (const key of window) {
    const { toldTo } = counterIn(draft, key)
    if (toldTo > told) told = toldTo
  }
  return told
}

export function standingIn(draft: Draft, match: Match) {
  return standingOf(match, (key) => counterIn(draft, key))
}

/** Written out, and not a spread: several for every call. */
function changed(before: CounterState, to: Partial<Pick<CounterState, 'spent' | 'held' | 'toldTo'>>): CounterState {
  return {
    organization: before.organization,
    budget: before.budget,
    value: before.value,
    start: before.start,
    spent: to.spent ?? before.spent,
    held: to.held ?? before.held,
    toldTo: to.toldTo ?? before.toldTo,
  }
}

/** Gives back what a hold keeps, in the wallet and wherever the budget or breaker is still there. The hold itself stays as it is. */
export function giveBack(draft: Draft, hold: HoldState): void {
  releaseInBreakers(draft, hold)
  const rules = new Set(budgetsIn(draft, hold.organization).map(({ id }) => id))
  for (const { counter, amount } of hold.held) {
    if (counter.budget === WALLET_BUDGET || rules.has(counter.budget)) changeHeld(draft, counter, -amount)
  }
}

/** Changes what a counter holds. Panics below zero: what is given back was held. */
export function changeHeld(draft: Draft, key: CounterKey, by: bigint): void {
  const counter = counterIn(draft, key)
  const held = picos(counter.held + by)
  // A counter that has not been loaded yet reads as empty; the batch is decided again once it is.
  assert(held >= 0n || !draft.loaded.counters.has(counterKey(key)), 'no counter holds less than nothing')
  putCounter(draft, key, changed(counter, { held }))
}

import { type Picos, picos } from '../../src/kernel/index.ts'
import type { BudgetExhaustion, Command } from '../../src/ledger/index.ts'
import type { Books } from './books.ts'
import { type Budget, endOf, type Stand, windowAt } from './budget-books.ts'

/** A budget that has no room for what was asked of it. */
export interface Short {
  readonly stand: Stand
  readonly requested: Picos
}

/**
 * What is told when budgets refuse for want of room: each once in its period, and again when its limit was raised. Told from here on; where it is asked
 * in another way at once, it is only said that somebody should be. Null: all of them have told.
 */
export function tellShort(
  books: Books,
  { provisional }: Command,
  about: Pick<BudgetExhaustion, 'call' | 'agent' | 'model' | 'at'>,
  countedAt: number,
  short: readonly Short[],
): 'untold' | BudgetExhaustion | null {
  const silent = short.filter(({ stand }) => !hasTold(stand, countedAt))
  if (silent.length === 0) return null
  if (provisional === true) return 'untold'
  const seq = books.postings.length + 1
  for (const { stand } of silent) stand.budget.exhausted.push({ ...stand.place, seq })
  return { id: `${about.call}@${seq}`, ...about, budgets: silent.map((one) => budgetOf(one, countedAt)) }
}

function hasTold({ budget, place }: Stand, at: number): boolean {
  const within = windowAt(budget.rule, at)
  return budget.exhausted.some(({ value, start, seq }) => value === place.value && within(start) && seq > budget.raised)
}

function budgetOf({ stand, requested }: Short, at: number): BudgetExhaustion['budgets'][number] {
  const { budget, place, spent, held } = stand
  const { id, limit, name, dimension, period, zone } = budget.rule
  const rule = { name, dimension, period, zone, resetsAt: endOf(budget.rule, at) }
  return { budget: id, value: place.value, periodStart: place.start, limit, spent: picos(spent), held: picos(held), requested, rule }
}

/** The entry that told last of a place, as the counter has it. */
export function toldIn({ exhausted }: Budget, place: { readonly value: string; readonly start: number }): number {
  return exhausted.filter(({ value, start }) => value === place.value && start === place.start).at(-1)?.seq ?? 0
}

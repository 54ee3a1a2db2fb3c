import { type Period, picos } from '../../src/kernel/index.ts'
import type { BudgetRemoval, BudgetRule, BudgetSetting, Command, CounterState } from '../../src/ledger/index.ts'
import { type Books, nameOf } from './books.ts'
import {
  type Budget,
  type Crossing,
  countingAt,
  keyOf,
  type Line,
  type LiveHold,
  nameOfPlace,
  type Place,
  placesOf,
  placesOfLine,
  tell,
} from './budget-books.ts'
import { amountKept, givenBack } from './hold-rules.ts'
import type { Outcome } from './outcome.ts'

export function ruleOfBudgetSet(books: Books, { organization, recordedAt }: Command, setting: BudgetSetting): Outcome {
  const budgets = books.budgets.get(organization) ?? []
  const known = budgets.find(({ rule }) => rule.id === setting.rule.id)
  if (setting.watchOnly === true) return watch(known, setting)
  if (known !== undefined) return change(books, known, setting)
  if (books.byId.has(nameOf(organization, 'budget_remove', setting.rule.id))) return { code: 'not_found', pointer: '/budget_id' }
  const since = books.postings.slice(setting.throughSeq).map(({ command }) => command)
  if (since.some((command) => command.organization === organization && command.event.kind === 'adjustment')) {
    return { code: 'unavailable', pointer: null }
  }
  const budget = newBudget(setting.rule)
  books.budgets.set(organization, [...budgets, budget].sort(inOrder))
  for (const hold of books.holds.values()) if (hold.organization === organization) keepIn(budget, hold)
  const opening = countersOf(books, budget)
  const crossed = [...new Set(opening.map(({ value }) => value))].flatMap((value) => tell(books, budget, value, recordedAt))
  allowWhatStands(books, budget)
  return { event: { kind: 'budget_set', setting: { ...setting, opening } }, crossed }
}

function newBudget(rule: BudgetRule): Budget {
  return { rule, told: [], above: [], exhausted: [], raised: 0 }
}

function change(books: Books, budget: Budget, setting: BudgetSetting): Outcome {
  const { rule } = budget
  const counted = ({ dimension, value, zone, period }: BudgetRule): unknown[] => [dimension, value, zone, period.unit, lengthOf(period)]
  const before = counted(rule)
  if (counted(setting.rule).some((what, index) => what !== before[index])) return { code: 'invalid_field', pointer: '/period' }
  const { watched: _, raisedSeq: __, ...said } = setting.rule
  if (said.limit > rule.limit) budget.raised = books.postings.length + 1
  const kept = {
    ...(rule.watched === undefined ? {} : { watched: rule.watched }),
    ...(budget.raised === 0 ? {} : { raisedSeq: budget.raised }),
  }
  budget.rule = { ...said, createdAt: rule.createdAt, countsFrom: rule.countsFrom, ...kept }
  allowWhatStands(books, budget)
  return { event: { kind: 'budget_set', setting: { ...setting, rule: budget.rule, opening: [] } } }
}

/** Only who listens changes. */
function watch(budget: Budget | undefined, { id, rule, throughSeq }: BudgetSetting): Outcome {
  if (budget === undefined) return { code: 'not_found', pointer: '/budget_id' }
  const { watched: _, ...rest } = budget.rule
  budget.rule = rule.watched?.length ? { ...rest, watched: rule.watched } : rest
  return { event: { kind: 'budget_set', setting: { id, rule: budget.rule, opening: [], throughSeq } } }
}

function lengthOf(period: Period): number | null {
  return period.unit === 'rolling' ? period.lengthMs : null
}

export function ruleOfBudgetRemove(books: Books, { organization }: Command, { id }: BudgetRemoval): Outcome {
  const budgets = books.budgets.get(organization) ?? []
  if (!budgets.some(({ rule }) => rule.id === id)) return { code: 'not_found', pointer: '/budget_id' }
  books.budgets.set(
    organization,
    budgets.filter(({ rule }) => rule.id !== id),
  )
  return {}
}

/** A call that is under way when a budget is set is kept for in it, like those that begin later. */
function keepIn(budget: Budget, hold: LiveHold): void {
  const amount = amountKept(budget, hold)
  if (hold.expiredAt !== null || hold.at < budget.rule.countsFrom || amount === null || amount === 0n) return
  hold.kept = [...hold.kept, ...placesOf(budget, hold.facts, hold.runs, hold.at).map((place) => ({ budget, place, amount }))]
}

/** What a budget opens with when it is set now, counting all that was posted up to an entry. */
export function openingThrough(books: Books, rule: BudgetRule, throughSeq: number): CounterState[] {
  const budget = newBudget(rule)
  const opening = countersOf(books, budget, throughSeq)
  for (const line of books.lines.get(rule.organization) ?? []) line.placed.delete(budget)
  return opening
}

/** What the lines add up to, each place by itself. */
function countersOf(books: Books, budget: Budget, throughSeq = Number.POSITIVE_INFINITY): CounterState[] {
  const sums = new Map<string, { readonly place: Place; spent: bigint }>()
  for (const line of books.lines.get(budget.rule.organization) ?? []) {
    if (line.seq > throughSeq) continue
    for (const place of placesOfLine(books, budget, line)) {
      const name = nameOfPlace(budget, place)
      const sum = sums.get(name) ?? { place, spent: 0n }
      sums.set(name, { place, spent: sum.spent + line.amount })
    }
  }
  const nothing = picos(0n)
  const untold = { held: nothing, toldTo: nothing, exhaustedSeq: 0 }
  return [...sums.values()].map(({ place, spent }) => ({ ...keyOf(budget, place), spent: picos(spent), ...untold }))
}

/** Counts what was spent, wherever it belongs, and says which thresholds it reaches. A correction is a line that corrects another. */
export function spend(books: Books, line: Line, hold: LiveHold | undefined): { readonly counted: string[]; readonly crossed: Crossing[] } {
  const counted: string[] = []
  const crossed: Crossing[] = []
  const lines = books.lines.get(line.facts.organization) ?? []
  books.lines.set(line.facts.organization, [...lines, line])
  if (line.amount === 0n) return { counted, crossed }
  for (const budget of countingAt(books, line.facts.organization, line.at)) {
    for (const place of placesOfLine(books, budget, line)) {
      counted.push(nameOfPlace(budget, place))
      crossed.push(...tell(books, budget, place.value, line.at))
      const above = line.amount - givenBack(hold, budget, place)
      if (above > 0n) budget.above.push({ ...place, amount: above })
    }
  }
  return { counted, crossed }
}

/** What stands above a limit when it is set may go on to do so. */
function allowWhatStands(books: Books, budget: Budget): void {
  if (budget.rule.period.unit === 'rolling') return
  for (const { place, spent, held } of standings(books, budget)) {
    const above = spent + held - budget.rule.limit
    if (above > 0n) budget.above.push({ ...place, amount: above })
  }
}

/** How a budget stands in each place where anything counts, is kept or was told; of a rolling window, in each sixtieth. */
export function standings(
  books: Books,
  budget: Budget,
): readonly { readonly place: Place; readonly spent: bigint; readonly held: bigint }[] {
  const sums = new Map<string, { readonly place: Place; spent: bigint; held: bigint }>()
  const sumIn = (place: Place): { spent: bigint; held: bigint } => {
    const name = nameOfPlace(budget, place)
    const sum = sums.get(name) ?? { place, spent: 0n, held: 0n }
    sums.set(name, sum)
    return sum
  }
  for (const line of books.lines.get(budget.rule.organization) ?? []) {
    for (const place of placesOfLine(books, budget, line)) sumIn(place).spent += line.amount
  }
  for (const hold of books.holds.values()) {
    for (const kept of hold.kept) if (kept.budget === budget) sumIn(kept.place).held += kept.amount
  }
  for (const { value, start } of budget.exhausted) sumIn({ value, start })
  return [...sums.values()]
}

function inOrder({ rule: a }: Budget, { rule: b }: Budget): number {
  return a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1)
}

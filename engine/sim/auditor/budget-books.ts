import { type Period, type Picos, periodAt, picos } from '../../src/kernel/index.ts'
import type { Attribution, BudgetDimension, BudgetRule, CounterKey, HoldRequest, JournalEntry } from '../../src/ledger/index.ts'
import { type Books, nameOf } from './books.ts'
import { lineOf } from './inheritance.ts'

/** A threshold that was reached. */
export type Crossing = NonNullable<JournalEntry['crossed']>[number]

/** What budgets ask of a call, beside its run and its time. */
export interface Facts extends Attribution {
  readonly organization: string
  readonly model: string | null
  readonly seller: string
  readonly key: string | null
}

/** Money spent: by a call, or by a correction of one. */
export interface Line {
  readonly seq: number
  readonly facts: Facts
  readonly run: string | null
  /** The time it counts at. */
  readonly at: number
  readonly amount: bigint
  /** The line that it corrects: it counts where that one counts. */
  readonly corrects: Line | null
  /** Where it counts never changes once the budget is there; remembered, because everything is added up again so often. */
  readonly placed: Map<Budget, readonly Place[]>
}

/** Where something counts within a budget. */
export interface Place {
  readonly value: string
  readonly start: number
}

/** A budget from its first setting to its removal. */
export interface Budget {
  rule: BudgetRule
  readonly told: (Place & { readonly level: bigint })[]
  /** What may stand above its limit: what was posted above its hold or without one, and what was over it already when the limit was set. */
  readonly above: (Place & { readonly amount: bigint })[]
  /** Which entries told that it has no room. */
  readonly exhausted: (Place & { readonly seq: number })[]
  /** The entry that raised its limit last; 0: none. */
  raised: number
}

export interface Kept {
  readonly budget: Budget
  readonly place: Place
  readonly amount: bigint
}

export interface LiveHold {
  readonly organization: string
  readonly id: string
  readonly facts: Facts
  /** Its run and those above, as they were when it was taken. */
  readonly runs: readonly string[]
  meters: HoldRequest['meters']
  readonly at: number
  deadline: number
  amount: Picos | null
  fallback: Picos | null
  readonly tier: HoldRequest['tier']
  readonly region: string | null
  kept: readonly Kept[]
  /** What it keeps in the wallet of its agent. */
  ofWallet: bigint
  expiredAt: number | null
  /** Ids of the breakers that have counted it. */
  readonly breakers: string[]
}

/** The budgets of an organization that count at a time. */
export function countingAt(books: Books, organization: string, at: number): Budget[] {
  return (books.budgets.get(organization) ?? []).filter(({ rule }) => at >= rule.countsFrom)
}

/** Where something with these facts counts in a budget. */
export function placesOf({ rule }: Budget, facts: Facts, runs: readonly string[], at: number): Place[] {
  const values = rule.dimension === 'run' ? runs : [valueIn(facts, rule.dimension)]
  const start = startOf(rule, at)
  return values
    .filter((value) => value !== null)
    .filter((value) => rule.value === '*' || rule.value === value)
    .map((value) => ({ value, start }))
}

/** Where a line counts: by the runs above it as they were known when it was posted, also in a budget that comes later. */
export function placesOfLine(books: Books, budget: Budget, line: Line): readonly Place[] {
  const known = line.placed.get(budget)
  if (known !== undefined) return known
  const { seq, run, facts, at } = line
  const places =
    at < budget.rule.countsFrom
      ? []
      : line.corrects !== null
        ? placesOfLine(books, budget, line.corrects)
        : placesOf(budget, facts, lineOf(books, facts.organization, run, seq), at)
  line.placed.set(budget, places)
  return places
}

/** How a budget stands for one value at a time: everything is added up from the beginning. */
export interface Stand {
  readonly budget: Budget
  readonly place: Place
  readonly spent: bigint
  readonly held: bigint
}

export function standOf(books: Books, budget: Budget, value: string, at: number, without: LiveHold | null = null): Stand {
  const within = windowAt(budget.rule, at)
  const counts = (place: Place): boolean => place.value === value && within(place.start)
  let spent = 0n
  for (const line of books.lines.get(budget.rule.organization) ?? []) {
    if (placesOfLine(books, budget, line).some(counts)) spent += line.amount
  }
  let held = 0n
  for (const hold of books.holds.values()) {
    if (hold === without) continue
    for (const kept of hold.kept) if (kept.budget === budget && counts(kept.place)) held += kept.amount
  }
  return { budget, place: { value, start: startOf(budget.rule, at) }, spent, held }
}

/** Thresholds that what is spent now reaches and that have not been told yet, told from here on. */
export function tell(books: Books, budget: Budget, value: string, at: number): Crossing[] {
  const { place, spent } = standOf(books, budget, value, at)
  const { id, limit, thresholds, watched = [], name, dimension, period, zone, mode } = budget.rule
  const resetsAt = endOf(budget.rule, at)
  const within = windowAt(budget.rule, at)
  const told = budget.told.filter((one) => one.value === value && within(one.start))
  const crossed: Crossing[] = []
  for (const threshold of [...thresholds, ...watched.filter((one) => !thresholds.includes(one))].sort((a, b) => a - b)) {
    const level = levelOf(limit, threshold)
    if (spent < level || told.some((one) => one.level >= level)) continue
    const rule = { name, dimension, period, zone, mode, resetsAt, watched: !thresholds.includes(threshold) }
    crossed.push({ budget: id, value, periodStart: place.start, threshold, level: picos(level), spent: picos(spent), limit, rule })
  }
  budget.told.push(...crossed.map(({ level }) => ({ ...place, level })))
  return crossed
}

/** Hundredths are counted in picos, a part of one as a whole. Nothing spent reaches nothing. */
function levelOf(limit: bigint, threshold: number): bigint {
  const hundredths = limit * BigInt(threshold)
  const whole = hundredths / 100n + (hundredths % 100n === 0n ? 0n : 1n)
  return whole === 0n ? 1n : whole
}

/** The start of the period of a time; of a rolling window, the start of its newest sixtieth. */
function startOf({ period, zone }: BudgetRule, at: number): number {
  if (period.unit === 'rolling') return at - mod(at, stepOf(period))
  const span = periodAt(period, at, zone)
  if (!span.ok) throw new Error(span.error.detail)
  return span.value.start
}

/** When what counts at a time counts no more; null: never. */
export function endOf(rule: BudgetRule, at: number): number | null {
  const { period, zone } = rule
  if (period.unit === 'total') return null
  if (period.unit === 'rolling') return startOf(rule, at) + stepOf(period) + period.lengthMs
  const span = periodAt(period, at, zone)
  return span.ok ? span.value.end : null
}

/** Whether what counts at a start counts at a time: in the same period, or in a sixtieth that any window reaches in which the time lies. */
export function windowAt(rule: BudgetRule, at: number): (start: number) => boolean {
  const { period } = rule
  const now = startOf(rule, at)
  if (period.unit !== 'rolling') return (start) => start === now
  return (start) => start < at + period.lengthMs && start + stepOf(period) - 1 > at - period.lengthMs
}

function stepOf({ lengthMs }: Extract<Period, { unit: 'rolling' }>): number {
  return Math.ceil(lengthMs / 60)
}

function mod(value: number, by: number): number {
  return ((value % by) + by) % by
}

function valueIn(facts: Facts, dimension: BudgetDimension): string | null {
  if (dimension.startsWith('tag:')) {
    const found = Object.entries(facts.tags).find(([name]) => `tag:${name}` === dimension)
    return found === undefined ? null : found[1]
  }
  const values = new Map<string, unknown>(Object.entries({ ...facts, cost_center: facts.costCenter }))
  const value = values.get(dimension)
  return typeof value === 'string' ? value : null
}

export function nameOfPlace({ rule }: Budget, { value, start }: Place): string {
  return nameOf(rule.organization, rule.id, value, start)
}

export function keyOf({ rule }: Budget, { value, start }: Place): CounterKey {
  return { organization: rule.organization, budget: rule.id, value, start }
}

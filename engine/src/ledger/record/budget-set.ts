import { fail, ok, type Picos, picos, type Result, refusal } from '../../kernel/index.ts'
import { changeHeld, standingIn } from '../budget/count.ts'
import { matchesOf, matchOf, samePeriod } from '../budget/counting.ts'
import { budgetsIn, counterIn, putBudget, putCounter, putHold } from '../budget/draft-budgets.ts'
import { type Crossing, crossingsOf, emptyCounter } from '../budget/room.ts'
import type { BudgetRule, CounterState } from '../budget/rule.ts'
import { type Draft, post, postedIn } from '../draft.ts'
import type { BudgetSetting, JournalEntry, Posted, RecordCommand } from '../records.ts'
import { counterKey } from '../row-keys.ts'
import { plannedOf } from './call.ts'
import { scopeOf } from './hold.ts'

/**
 * Sets a budget. A new one opens with what has been spent in it since its first period began, and takes over what is held; a known one
 * changes its limit, mode, thresholds and policy, and counts on; one that was removed is `not_found`. Refuses `invalid_field` for a change of what it counts, and `unavailable`
 * while calls are being re-priced beside it: what those add cannot be told from here, trying again can.
 */
export function recordBudgetSet(draft: Draft, command: RecordCommand, event: { readonly setting: BudgetSetting }): Result<Posted> {
  const { organization } = command
  const { setting } = event
  const first = postedIn(draft, organization, 'budget_set', setting.id)
  if (first !== undefined) return ok({ entry: first, replayed: true })
  const known = budgetsIn(draft, organization).find(({ id }) => id === setting.rule.id)
  if (setting.watchOnly === true) return watch(draft, command, setting, known)
  if (known !== undefined) return change(draft, command, setting, known)
  if (postedIn(draft, organization, 'budget_remove', setting.rule.id) !== undefined) {
    return fail(refusal('not_found', `budget "${setting.rule.id}" was removed; set one under another id`, { path: '/budget_id' }))
  }
  const opening = openingOf(draft, setting)
  if (opening === null) {
    return fail(refusal('unavailable', 'calls are being re-priced at this moment; set the budget again'))
  }
  putBudget(draft, setting.rule)
  for (const counter of opening) putCounter(draft, counter, counter)
  holdForThoseUnderWay(draft, organization, setting.rule)
  const values = new Set(opening.map(({ value }) => value))
  const crossed = [...values].flatMap((value) => tell(draft, setting.rule, value, command.recordedAt))
  return post(draft, command, { kind: 'budget_set', setting: { ...setting, opening } }, { crossed })
}

function change(draft: Draft, command: RecordCommand, setting: BudgetSetting, known: BudgetRule): Result<Posted> {
  const { rule } = setting
  const same = known.dimension === rule.dimension && known.value === rule.value && known.zone === rule.zone
  if (!same || !samePeriod(known.period, rule.period)) {
    const detail = 'what a budget counts cannot be changed; remove it and set another'
    return fail(refusal('invalid_field', detail, { path: '/period', facts: { budget_id: rule.id } }))
  }
  const kept = watching({ ...rule, createdAt: known.createdAt, countsFrom: known.countsFrom }, known.watched)
  putBudget(draft, kept)
  return post(draft, command, { kind: 'budget_set', setting: { ...setting, rule: kept, opening: [] } })
}

/** Who listens for thresholds knows nothing of limits: what is watched is set by itself, and a limit changed at the same time stays. */
function watch(draft: Draft, command: RecordCommand, setting: BudgetSetting, known: BudgetRule | undefined): Result<Posted> {
  const { id, rule, throughSeq } = setting
  if (known === undefined) return fail(refusal('not_found', `there is no budget "${rule.id}" here`, { path: '/budget_id' }))
  const kept = watching(known, rule.watched)
  putBudget(draft, kept)
  return post(draft, command, { kind: 'budget_set', setting: { id, rule: kept, opening: [], throughSeq } })
}

function watching({ watched: _, ...rule }: BudgetRule, watched: readonly number[] | undefined): BudgetRule {
  return watched === undefined || watched.length === 0 ? rule : { ...rule, watched }
}

/** The counters as stated, with the calls that came since added; null when an adjustment came, of which the call is not at hand. */
function openingOf(draft: Draft, { rule, opening, throughSeq }: BudgetSetting): CounterState[] | null {
  const counters = new Map(opening.map((counter) => [counterKey(counter), counter]))
  for (const entry of [...draft.loaded.tail, ...draft.entries]) {
    if (entry.organization !== rule.organization || entry.seq <= throughSeq) continue
    if (entry.event.kind === 'adjustment') return null
    if (entry.event.kind === 'call') add(draft, counters, rule, entry)
  }
  return [...counters.values()]
}

function add(
  draft: Draft,
  counters: Map<string, CounterState>,
  rule: BudgetRule,
  { organization, seq, event, settled }: JournalEntry,
): void {
  if (event.kind !== 'call') return
  const { call } = event
  const at = settled?.at ?? call.at
  const { amount } = call.charge
  if (amount === null || at < rule.countsFrom) return
  for (const { counter } of matchesOf([rule], scopeOf(draft, organization, plannedOf(call), call, seq), at)) {
    const key = counterKey(counter)
    const before = counters.get(key) ?? emptyCounter(counter)
    counters.set(key, { ...before, spent: picos(before.spent + amount) })
  }
}

/** Calls that are being made while the budget is set have money held in it like those that begin after. */
function holdForThoseUnderWay(draft: Draft, organization: string, rule: BudgetRule): void {
  const holds = new Map([...draft.loaded.holds, ...draft.holds])
  for (const hold of holds.values()) {
    if (hold === null || hold.organization !== organization || hold.expiredAt !== null || hold.at < rule.countsFrom) continue
    const amount: Picos | null = hold.amount ?? (rule.unpriced === 'worst_case' ? hold.fallback : null)
    if (amount === null || amount === 0n) continue
    const added = matchesOf([rule], hold.scope, hold.at).map(({ counter }) => ({ counter, amount }))
    for (const { counter } of added) changeHeld(draft, counter, amount)
    if (added.length > 0) putHold(draft, { ...hold, held: [...hold.held, ...added] })
  }
}

/** Thresholds that are reached for a value when the budget begins, in the period or window that it begins in. */
function tell(draft: Draft, rule: BudgetRule, value: string, now: number): readonly Crossing[] {
  const match = matchOf(rule, value, now)
  const crossings = crossingsOf(standingIn(draft, match), picos(0n))
  const highest = crossings.at(-1)
  if (highest !== undefined) putCounter(draft, match.counter, { ...counterIn(draft, match.counter), toldTo: highest.level })
  return crossings
}

import { describe, expect, it } from 'vitest'
import cases from '../../../../conformance/budgets/budgets.json' with { type: 'json' }
import exhausted from '../../../../conformance/budgets/exhausted.json' with { type: 'json' }
import { assert, type Period, type Picos, parsePeriod, picos, picosOfUsd, usdOfPicos } from '../../kernel/index.ts'
import { decide } from '../decide.ts'
import { applyChanges, NO_ROWS } from '../memory-rows.ts'
import type { Decision, LedgerState } from '../ports.ts'
import type { Attribution, CommandEvent, JournalEntry, RecordCommand } from '../records.ts'
import {
  adjustmentEvent,
  budgetSetEvent,
  callEvent,
  holdEvent,
  holdExpireEvent,
  holdExtendEvent,
  holdVoidEvent,
  recordOf,
  runStartEvent,
  SAMPLE_AT,
  sampleBudget,
  sampleCharge,
} from '../sample.ts'
import type { BudgetDimension, BudgetMode, BudgetRule, UnpricedPolicy } from './rule.ts'
import { counterDifferences, emptyBudgetTally, tallyBudgets } from './tally.ts'

interface BudgetRow {
  readonly id: string
  readonly dimension: string
  readonly value?: string
  readonly period?: string
  readonly limit: string
  readonly mode?: string
  readonly unpriced?: string
  readonly thresholds?: number[]
}

type Timed = { readonly id: string; readonly hour?: number }
type Who = Partial<Attribution> & { readonly run?: string; readonly key?: string }

interface Step {
  readonly hold?: Timed & Who & { readonly usd: string | null; readonly fallback?: string | null }
  readonly call?: Timed & Who & { readonly usd: string | null }
  readonly run?: { readonly id: string; readonly parentRun?: string; readonly team?: string }
  readonly void?: Timed
  readonly expire?: Timed
  readonly extend?: Timed & { readonly call: string; readonly usd?: string }
  readonly correction?: { readonly id: string; readonly call: string; readonly usd: string }
  readonly budget?: BudgetRow
  readonly remove?: { readonly id: string }
  /** `ok`, `replayed`, or the code of the refusal. */
  readonly is: string
  readonly refusedBy?: readonly string[]
  readonly most?: string
  readonly tells?: readonly number[]
  /** Budgets that the journal says are exhausted: budget, value, limit, spent, held, requested. */
  readonly exhausts?: readonly string[]
  readonly provisional?: boolean
  readonly untold?: boolean
}

interface Row {
  readonly name: string
  readonly budgets?: readonly BudgetRow[]
  readonly steps: readonly Step[]
  readonly counters?: readonly { budget: string; value: string; day?: number; spent: string; held: string }[]
  readonly told?: readonly string[]
}

const HOUR = 3_600_000

describe('budgets', () => {
  it.each([...cases, ...exhausted] as unknown as readonly Row[])('$name', ({ budgets = [], steps, counters, told }) => {
    const world = { state: NO_ROWS as LedgerState, cost: new Map<string, bigint>(), sets: 0 }
    for (const budget of budgets) expect(decideOne(world, budgetEvent(world, budget)).outcomes[0]).toMatchObject({ ok: true })
    for (const step of steps) {
      const { outcomes, changes } = decideOne(world, eventOf(world, step), step.provisional)
      const [outcome] = outcomes
      assert(outcome !== undefined, 'one command has one outcome')
      const is = outcome.ok ? (outcome.value.replayed ? 'replayed' : 'ok') : outcome.error.code
      expect({ step, is }).toEqual({ step, is: step.is })
      const facts = outcome.ok ? {} : (outcome.error.facts ?? {})
      if (step.refusedBy !== undefined) expect((facts.refused_by as Refused[]).map(refusedText)).toEqual(step.refusedBy)
      if (step.most !== undefined) expect(facts.most_that_fits_usd).toBe(step.most)
      if (step.tells !== undefined)
        expect(changes.entries.flatMap((entry) => entry.crossed ?? []).map((one) => one.threshold)).toEqual(step.tells)
      if (step.exhausts !== undefined) expect({ step, exhausts: exhaustedIn(changes.entries) }).toEqual({ step, exhausts: step.exhausts })
      if (step.untold !== undefined) expect(facts.untold ?? false).toBe(step.untold)
    }
    const kept = [...world.state.counters.values()]
    if (counters !== undefined) {
      const stated = kept.map(({ budget, value, start, spent, held }) => ({
        budget,
        value,
        start,
        spent: usdOfPicos(spent),
        held: usdOfPicos(held),
      }))
      const wanted = counters.map(({ day, ...counter }) =>
        day === undefined ? counter : { ...counter, start: SAMPLE_AT + day * 24 * HOUR },
      )
      expect(stated).toHaveLength(wanted.length)
      expect(stated).toEqual(expect.arrayContaining(wanted.map((counter) => expect.objectContaining(counter))))
    }
    const crossed = world.state.tail.flatMap((entry) => entry.crossed ?? [])
    if (told !== undefined) expect(crossed.map(({ budget, value, threshold }) => `${budget} ${value} ${threshold}`)).toEqual(told)
    const tally = emptyBudgetTally()
    for (const entry of world.state.tail) tallyBudgets(tally, entry)
    expect(counterDifferences(tally, kept)).toEqual([])
  })
})

interface World {
  state: LedgerState
  readonly cost: Map<string, bigint>
  sets: number
}

interface Refused {
  readonly budget_id: string
  readonly limit_usd: string
  readonly spent_usd: string
  readonly held_usd: string
  readonly requested_usd: string
}

function refusedText({ budget_id, limit_usd, spent_usd, held_usd, requested_usd }: Refused): string {
  return [budget_id, limit_usd, spent_usd, held_usd, requested_usd].join(' ')
}

function exhaustedIn(entries: readonly JournalEntry[]): string[] {
  const told = entries.flatMap(({ event }) => (event.kind === 'budget_exhausted' ? event.exhaustion.budgets : []))
  return told.map(({ budget, value, limit, spent, held, requested }) =>
    [budget, value, ...[limit, spent, held, requested].map(usdOfPicos)].join(' '),
  )
}

function decideOne(world: World, event: CommandEvent, provisional = false): Decision {
  const command: RecordCommand = { ...recordOf('org', event), ...(provisional ? { provisional } : {}) }
  const decision = decide(world.state, [command])
  world.state = applyChanges(world.state, decision.changes)
  return decision
}

function eventOf(world: World, step: Step): CommandEvent {
  if (step.hold !== undefined) {
    const { usd, fallback = null, hour = 0, ...hold } = step.hold
    const at = SAMPLE_AT + hour * HOUR
    return holdEvent({ ...hold, at, deadline: at + HOUR / 2, amount: amountOf(usd), fallback: amountOf(fallback) })
  }
  if (step.call !== undefined) {
    const { usd, hour = 0, ...call } = step.call
    const charge = amountOf(usd)
    world.cost.set(call.id, charge ?? 0n)
    return callEvent({ ...call, at: SAMPLE_AT + hour * HOUR, atGiven: true, charge: sampleCharge(charge) })
  }
  if (step.run !== undefined) return runStartEvent(step.run)
  if (step.void !== undefined) return holdVoidEvent(step.void.id)
  if (step.expire !== undefined) return holdExpireEvent(step.expire.id, SAMPLE_AT + (step.expire.hour ?? 0) * HOUR)
  if (step.extend !== undefined) {
    const { usd, hour = 1, ...extension } = step.extend
    return holdExtendEvent({ ...extension, deadline: SAMPLE_AT + hour * HOUR, amount: usd === undefined ? null : amountOf(usd) })
  }
  if (step.correction !== undefined) return correctionOf(world, step.correction)
  if (step.budget !== undefined) return budgetEvent(world, step.budget)
  assert(step.remove !== undefined, 'a step says what is done')
  return { kind: 'budget_remove', removal: { ...step.remove, at: SAMPLE_AT } }
}

function correctionOf(world: World, { id, call, usd }: NonNullable<Step['correction']>): CommandEvent {
  const now = amountOf(usd) ?? picos(0n)
  const delta = picos(now - (world.cost.get(call) ?? 0n))
  world.cost.set(call, now)
  return adjustmentEvent({ id, call, charge: sampleCharge(now), delta })
}

/** A day that begins with `SAMPLE_AT`. Set without an opening: what came before is for the ledger to find. */
function budgetEvent(world: World, row: BudgetRow): CommandEvent {
  world.sets += 1
  const rule: BudgetRule = sampleBudget({
    id: row.id,
    dimension: row.dimension as BudgetDimension,
    value: row.value ?? '*',
    period: periodOf(row.period ?? 'day'),
    limit: amountOf(row.limit) ?? picos(0n),
    mode: (row.mode ?? 'hard') as BudgetMode,
    unpriced: (row.unpriced ?? 'deny') as UnpricedPolicy,
    thresholds: row.thresholds ?? [75, 90, 100],
  })
  return budgetSetEvent(rule, { id: `set ${world.sets}` })
}

function periodOf(text: string): Period {
  const period = parsePeriod(text)
  assert(period.ok, 'the table has periods that exist')
  return period.value
}

function amountOf(usd: string | null): Picos | null {
  if (usd === null) return null
  const amount = picosOfUsd(usd)
  assert(amount !== null, 'the table has amounts that exist')
  return amount
}

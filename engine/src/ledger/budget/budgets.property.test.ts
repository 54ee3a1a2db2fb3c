import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { picos } from '../../kernel/index.ts'
import { decide } from '../decide.ts'
import { applyChanges, NO_ROWS } from '../memory-rows.ts'
import type { LedgerState } from '../ports.ts'
import type { Command } from '../records.ts'
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
import { counterDifferences, emptyBudgetTally, tallyBudgets } from './tally.ts'

const DAY = 86_400_000
const few = (prefix: string, max = 4) => fc.integer({ min: 0, max }).map((at) => `${prefix}${at}`)
const maybe = (prefix: string) => fc.option(few(prefix), { nil: null })
const time = fc.integer({ min: 0, max: 3 * DAY }).map((later) => SAMPLE_AT + later)
const amount = fc.bigInt({ min: 0n, max: 60_000_000_000n }).map(picos)
const who = { agent: maybe('agent'), run: maybe('run'), team: maybe('team') }

const rule = fc
  .record({
    id: few('budget', 5),
    dimension: fc.constantFrom('organization', 'agent', 'team', 'run', 'model'),
    template: fc.boolean(),
    period: fc.constantFrom(
      { unit: 'day' } as const,
      { unit: 'total' } as const,
      { unit: 'rolling', lengthMs: 3_600_000 } as const,
      { unit: 'month' } as const,
    ),
    limit: fc.bigInt({ min: 0n, max: 200_000_000_000n }).map(picos),
    mode: fc.constantFrom('hard', 'hard', 'soft', 'shadow'),
    unpriced: fc.constantFrom('deny', 'worst_case', 'allow'),
  } as const)
  .map(({ template, ...rest }) => {
    const values = { organization: 'org', agent: 'agent1', team: 'team1', run: 'run1', model: 'gpt-4o' }
    // What a budget counts goes with its id, so that setting it again changes only its limit, mode and policy.
    const fixed = Number(rest.id.at(-1))
    const dimension = (['organization', 'agent', 'team', 'run', 'model', 'agent'] as const)[fixed] ?? 'agent'
    const period = ([{ unit: 'day' }, { unit: 'total' }, { unit: 'rolling', lengthMs: 3_600_000 }] as const)[fixed % 3] ?? rest.period
    return sampleBudget({ ...rest, dimension, period, value: fixed % 2 === 0 ? '*' : values[dimension], countsFrom: SAMPLE_AT - DAY })
  })

/** Work as it comes, holds that are never exceeded: settlements are drawn as a part of what was held. */
function commandsOf(within: boolean): fc.Arbitrary<Command[]> {
  const call = fc
    .record({ id: few('call', 6), at: time, cost: fc.option(amount, { nil: null }), part: fc.integer({ min: 0, max: 100 }), ...who })
    .map(({ cost, part, ...of }) => ({ kind: 'call' as const, cost, part, of }))
  const event = fc.oneof(
    { weight: 5, arbitrary: call },
    {
      weight: 6,
      arbitrary: fc
        .record({
          id: few('call', 6),
          at: time,
          amount: fc.option(amount, { nil: null }),
          fallback: fc.option(amount, { nil: null }),
          ...who,
        })
        .map((hold) => ({ kind: 'other' as const, event: holdEvent({ ...hold, deadline: hold.at + 60_000 }) })),
    },
    { weight: 1, arbitrary: few('call', 6).map((id) => ({ kind: 'other' as const, event: holdVoidEvent(id) })) },
    {
      weight: 3,
      arbitrary: fc.tuple(few('call', 6), time).map(([id, at]) => ({ kind: 'other' as const, event: holdExpireEvent(id, at) })),
    },
    {
      weight: 3,
      arbitrary: fc
        .record({ id: few('extension', 30), call: few('call', 6), amount: fc.option(amount, { nil: null }) })
        .map((extension) => ({ kind: 'other' as const, event: holdExtendEvent(extension) })),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(rule, fc.nat(1000))
        .map(([of, id]) => ({ kind: 'other' as const, event: budgetSetEvent(of, { id: `set${id}` }) })),
    },
    {
      weight: 1,
      arbitrary: few('budget', 5).map((id) => ({
        kind: 'other' as const,
        event: { kind: 'budget_remove' as const, removal: { id, at: SAMPLE_AT } },
      })),
    },
    {
      weight: 1,
      arbitrary: fc
        .record({ id: few('run'), parentRun: maybe('run'), team: maybe('team') })
        .map((run) => ({ kind: 'other' as const, event: runStartEvent(run) })),
    },
    {
      weight: 1,
      arbitrary: fc
        .record({ id: few('correction', 30), call: few('call', 6), cost: amount })
        .map((of) => ({ kind: 'adjustment' as const, of })),
    },
  )
  const budgets = fc
    .array(rule, { minLength: 1, maxLength: 4 })
    .map((rules) => rules.map((of, at) => ({ kind: 'other' as const, event: budgetSetEvent(of, { id: `first${at}` }) })))
  return fc.tuple(budgets, fc.array(event, { maxLength: 60 })).map(([first, then]) => {
    const events = [...first, ...then]
    const held = new Map<string, bigint>()
    const cost = new Map<string, bigint>()
    return events.map((one): Command => {
      if (one.kind === 'adjustment') {
        const { id, call, cost: now } = one.of
        const delta = picos(now - (cost.get(call) ?? 0n))
        return recordOf('org', adjustmentEvent({ id, call, charge: sampleCharge(now), delta }))
      }
      if (one.kind === 'other') {
        if (one.event.kind === 'hold' && !held.has(one.event.hold.id)) held.set(one.event.hold.id, one.event.hold.amount ?? 0n)
        return recordOf('org', one.event)
      }
      const { id } = one.of
      const most = held.get(id)
      const charge = within && most !== undefined ? (most * BigInt(one.part)) / 100n : one.cost
      if (!cost.has(id)) cost.set(id, charge ?? 0n)
      return recordOf('org', callEvent({ ...one.of, atGiven: true, charge: sampleCharge(charge === null ? null : picos(charge)) }))
    })
  })
}

interface Refusing {
  readonly budget_id: string
  readonly value: string
  readonly reason: string
}

function play(commands: readonly Command[], sizes: readonly number[]) {
  let state: LedgerState = NO_ROWS
  const outcomes = []
  for (let from = 0, at = 0; from < commands.length; at++) {
    const batch = commands.slice(from, from + (sizes[at % sizes.length] ?? 1))
    const decision = decide(state, batch)
    outcomes.push(...decision.outcomes)
    state = applyChanges(state, decision.changes)
    from += batch.length
  }
  return { outcomes, state }
}

describe('laws of budgets', () => {
  it('the counters are what the journal makes them, spent and held, whatever happened', () => {
    fc.assert(
      fc.property(commandsOf(false), (commands) => {
        const { state } = play(commands, [3])
        const tally = emptyBudgetTally()
        for (const entry of state.tail) tallyBudgets(tally, entry)
        expect(counterDifferences(tally, [...state.counters.values()])).toEqual([])
        for (const counter of state.counters.values()) expect(counter.held).toBeGreaterThanOrEqual(0n)
      }),
      { numRuns: 400 },
    )
  })

  it('however commands are cut into batches, outcomes and counters are the same', () => {
    fc.assert(
      fc.property(commandsOf(false), fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 }), (commands, sizes) => {
        const one = play(commands, sizes)
        const other = play(commands, [1000])
        expect(one.outcomes).toEqual(other.outcomes)
        const plain = (state: LedgerState) =>
          [...state.counters].filter(([, { spent, held, exhaustedSeq }]) => spent !== 0n || held !== 0n || exhaustedSeq !== 0).sort()
        expect(plain(one.state)).toEqual(plain(other.state))
        expect(one.state.holds).toEqual(other.state.holds)
        expect(one.state.tail).toEqual(other.state.tail)
      }),
    )
  })

  it('what is held never exceeds what a hard budget has room for, at any moment', () => {
    fc.assert(
      fc.property(commandsOf(false), (commands) => {
        let state: LedgerState = NO_ROWS
        for (const command of commands) {
          const decision = decide(state, [command])
          const granted = decision.outcomes[0]?.ok === true && command.event.kind === 'hold' && !decision.outcomes[0].value.replayed
          state = applyChanges(state, decision.changes)
          if (!granted) continue
          for (const rule of state.budgets.get('org') ?? []) {
            if (rule.mode !== 'hard' || rule.period.unit === 'rolling') continue
            for (const counter of decision.changes.counters) {
              if (counter.budget === rule.id) expect(counter.spent + counter.held).toBeLessThanOrEqual(rule.limit)
            }
          }
        }
      }),
      { numRuns: 300 },
    )
  })

  it('a refusal for want of room is told, once in a period until the limit is raised', () => {
    fc.assert(
      fc.property(commandsOf(false), (commands) => {
        let state: LedgerState = NO_ROWS
        const told = new Map<string, number>()
        for (const command of commands) {
          const { outcomes, changes } = decide(state, [command])
          const [outcome] = outcomes
          const refusedBy = outcome?.ok === false ? ((outcome.error.facts?.refused_by ?? []) as Refusing[]) : []
          const short = refusedBy.filter(({ reason }) => reason === 'limit')
          const telling = changes.entries.flatMap(({ seq, event }) =>
            event.kind === 'budget_exhausted' ? event.exhaustion.budgets.map((one) => ({ seq, ...one })) : [],
          )
          for (const { seq, budget, value, periodStart } of telling) {
            const rule = state.budgets.get('org')?.find(({ id }) => id === budget)
            const key = `${budget} ${value} ${periodStart}`
            expect(rule?.mode).toBe('hard')
            expect(told.get(key) ?? 0).toBeLessThanOrEqual(rule?.raisedSeq ?? 0)
            expect(short.map((one) => `${one.budget_id} ${one.value}`)).toContain(`${budget} ${value}`)
            told.set(key, seq)
          }
          if (outcome?.ok === false && short.length === 0) expect(changes.entries).toEqual([])
          state = applyChanges(state, changes)
          // Whatever refused for want of room has told of it by now.
          for (const { budget_id, value } of short) {
            const raised = state.budgets.get('org')?.find(({ id }) => id === budget_id)?.raisedSeq ?? 0
            const keys = [...told].filter(([key]) => key.startsWith(`${budget_id} ${value} `))
            expect(keys.some(([, seq]) => seq > raised)).toBe(true)
          }
        }
      }),
      { numRuns: 200 },
    )
  })

  it('a threshold is told once in a period, and every one that was passed is told', () => {
    fc.assert(
      fc.property(fc.array(amount, { maxLength: 40 }), (costs) => {
        const set = recordOf(
          'org',
          budgetSetEvent({ id: 'b', dimension: 'organization', mode: 'soft', countsFrom: 0, limit: picos(300_000_000_000n) }),
        )
        const calls = costs.map((cost, at) => recordOf('org', callEvent({ id: `c${at}`, charge: sampleCharge(cost) })))
        const { state } = play([set, ...calls], [4])
        const told = state.tail.flatMap((entry) => entry.crossed ?? []).map(({ threshold }) => threshold)
        const spent = costs.reduce((sum, cost) => sum + cost, 0n)
        expect(told).toEqual([75, 90, 100].filter((threshold) => spent > 0n && spent * 100n >= 300_000_000_000n * BigInt(threshold)))
      }),
    )
  })
})

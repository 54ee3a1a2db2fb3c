import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { picos } from '../kernel/index.ts'
import { committer } from './committer.ts'
import { decide, partsOf } from './decide.ts'
import { deciding } from './deciding.ts'
import { applyChanges, NO_ROWS } from './memory-rows.ts'
import type { LedgerState, LedgerStore } from './ports.ts'
import type { Command, CommandEvent } from './records.ts'
import { agentStateEvent, breakerSetEvent, budgetSetEvent, callEvent, holdEvent, recordOf, sampleCharge } from './sample.ts'

const all = (mark: string, ...events: readonly CommandEvent[]): Command[] =>
  events.map((event) => ({ ...recordOf('org', event), together: mark }))

const opening: CommandEvent = { kind: 'wallet_open', wallet: { id: 'a', opening: picos(100n), at: 0 } }
const refused = holdEvent({ id: 'too much', agent: 'a', amount: picos(101n) })
const granted = holdEvent({ id: 'enough', agent: 'a', amount: picos(100n) })

function play(commands: readonly Command[], state: LedgerState = NO_ROWS) {
  const decision = decide(state, commands)
  return { ...decision, state: applyChanges(state, decision.changes) }
}

describe('commands that are posted together', () => {
  it('are posted all or none, and what came before and comes after them is decided by itself', () => {
    const before = recordOf('org', opening)
    const { outcomes, state } = play([
      before,
      ...all('one', granted, budgetSetEvent({ id: 'b' }), breakerSetEvent({ id: 'k' }), agentStateEvent({ id: 's', agent: 'a' }), refused),
      recordOf('org', callEvent({ id: 'c1', agent: 'a', charge: sampleCharge(1n) })),
      ...all('two', holdEvent({ id: 'rest', agent: 'a', amount: picos(99n) })),
    ])
    const codes = outcomes.map((outcome) => (outcome.ok ? 'ok' : outcome.error.code))
    expect(codes).toEqual(['ok', ...Array(5).fill('agent_paused'), 'ok', 'ok'])
    expect(state.tail.map(({ seq, event }) => [seq, event.kind])).toEqual([
      [1, 'wallet_open'],
      [2, 'call'],
      [3, 'hold'],
    ])
    expect([state.budgets.size, state.breakers.rules.size, state.breakers.agents.size, state.holds.size]).toEqual([0, 0, 0, 1])
  })

  it('see each other, and are a repetition when they come again', () => {
    const once = all('one', opening, granted)
    const first = play(once)
    expect(first.outcomes.every((outcome) => outcome.ok)).toBe(true)
    const again = play(once, first.state)
    expect(again.outcomes.every((outcome) => outcome.ok && outcome.value.replayed)).toBe(true)
    expect(again.changes.entries).toEqual([])
  })

  it('write the audit of all or none', () => {
    const audit = { at: 0, organization: 'org', actor: 'x', action: 'y', target: 'z', before: null, after: null }
    const audited = (commands: readonly Command[]) =>
      decide(
        NO_ROWS,
        commands.map((command) => ({ ...command, audit })),
      ).changes.audits
    expect(audited(all('one', opening, granted))).toHaveLength(2)
    expect(audited(all('one', opening, refused))).toEqual([])
  })

  it('are as if they had come one by one where none is refused, and as if they had not come where one is', () => {
    const event = fc.oneof(
      fc
        .record({ id: fc.constantFrom('h1', 'h2', 'h3'), amount: fc.integer({ min: 0, max: 80 }) })
        .map(({ id, amount }) => holdEvent({ id, agent: 'a', amount: picos(BigInt(amount)) })),
      fc
        .record({ id: fc.constantFrom('h1', 'h2', 'c1'), cost: fc.integer({ min: 0, max: 80 }) })
        .map(({ id, cost }) => callEvent({ id, agent: 'a', charge: sampleCharge(BigInt(cost)) })),
      fc.constantFrom(50n, 90n).map((limit) => budgetSetEvent({ id: 'b', limit: picos(limit) }, { id: `set ${limit}` })),
    )
    fc.assert(
      fc.property(fc.array(event, { maxLength: 6 }), fc.array(event, { minLength: 2, maxLength: 5 }), (first, then) => {
        const start = play([recordOf('org', opening), ...first.map((one) => recordOf('org', one))]).state
        const single = play(
          then.map((one) => recordOf('org', one)),
          start,
        )
        const together = play(all('m', ...then), start)
        const kept = single.outcomes.every((outcome) => outcome.ok)
        expect(together.outcomes.every((outcome) => outcome.ok)).toBe(kept)
        expect(together.state).toEqual(kept ? single.state : start)
      }),
      { numRuns: 300 },
    )
  })

  it('stay together in the committer: in a batch that is too small, and when a batch is decided again one by one', async () => {
    let state = NO_ROWS
    const sizes: number[] = []
    const store: Pick<LedgerStore, 'transact'> = {
      transact: async (rows, decided) => {
        while (rows(state) !== null) {
          // Everything is in memory.
        }
        const decision = decided(state)
        sizes.push(decision.outcomes.length)
        state = applyChanges(state, decision.changes)
        return decision
      },
    }
    const door = committer(store as LedgerStore, { limits: { commandsPerBatchMax: 2, commandsWaitingMax: 100 } })
    const calls = ['c1', 'c2', 'c3'].map((id) => recordOf('org', callEvent({ id })))
    await door.submitAll([...calls, ...all('one', opening, granted, refused)])
    expect(sizes).toEqual([2, 1, 3])
    expect(state.tail).toHaveLength(3)
    // A call that cannot be decided takes nothing down but itself.
    const faulty = recordOf('org', { kind: 'wallet_transfer', transfer: { ...FAULTY, to: null } })
    const outcomes = await committer(store as LedgerStore).submitAll([
      faulty,
      ...all('one', opening, refused),
      ...all('two', opening, granted),
    ])
    expect(outcomes.map((outcome) => (outcome.ok ? 'ok' : outcome.error.code))).toEqual([
      'internal',
      ...Array(2).fill('budget_exceeded'),
      ...Array(2).fill('ok'),
    ])
    expect(state.tail).toHaveLength(5)
  })

  it('ask for the rows that they name', () => {
    const batch = deciding(all('one', opening, granted))
    while (batch.rows(NO_ROWS) !== null) {
      // Everything is in memory.
    }
    expect(batch.decide().changes.entries).toHaveLength(2)
    expect(partsOf([]).length).toBe(0)
  })
})

/** Money that is given to nobody is a fault of ours. */
const FAULTY = { id: 't', type: 'fund', agent: 'a', to: null, amount: picos(1n), memo: null, at: 0 } as const

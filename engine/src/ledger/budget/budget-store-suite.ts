import { expect, it } from 'vitest'
import { picos } from '../../kernel/index.ts'
import type { Decision, LedgerStore } from '../ports.ts'
import type { Command } from '../records.ts'
import { budgetSetEvent, callEvent, holdEvent, holdExpireEvent, recordOf, runStartEvent, SAMPLE_AT, sampleCharge } from '../sample.ts'
import type { WithStore } from '../store-suite.ts'
import type { CounterDifference } from './tally.ts'

interface Tools {
  readonly apply: (store: LedgerStore, commands: readonly Command[]) => Promise<Decision>
  readonly counterDifferencesOf: (store: LedgerStore) => Promise<readonly CounterDifference[]>
}

/** What every store must do with budgets, counters and holds. */
export function budgetStoreCases(withStore: WithStore, tools: Tools): void {
  const { apply, counterDifferencesOf } = tools
  exhaustionCases(withStore, tools)
  heldCallCases(withStore, tools)

  it('finds out by deciding which counters a call is counted in, also through runs that its batch starts', () =>
    withStore(async (store) => {
      const team = budgetSetEvent({ id: 'b1', dimension: 'team', value: 't', limit: picos(1_000n) })
      const run = budgetSetEvent({ id: 'b2', dimension: 'run', value: 'top', period: { unit: 'total' }, limit: picos(500n) })
      await apply(store, [recordOf('org', team), recordOf('org', run)])
      const { outcomes } = await apply(
        store,
        [
          runStartEvent({ id: 'top', team: 't' }),
          runStartEvent({ id: 'low', parentRun: 'top' }),
          holdEvent({ id: 'c1', run: 'low', amount: picos(400n) }),
          holdEvent({ id: 'c2', run: 'low', amount: picos(101n) }),
          callEvent({ id: 'c1', charge: sampleCharge(300n) }),
          holdEvent({ id: 'c3', run: 'top', amount: picos(200n) }),
        ].map((event) => recordOf('org', event)),
      )
      expect(outcomes.map((outcome) => (outcome.ok ? 'ok' : outcome.error.code))).toEqual(['ok', 'ok', 'ok', 'budget_exceeded', 'ok', 'ok'])
      expect((await store.counters('org')).map(({ budget, value, spent, held }) => [budget, value, spent, held])).toEqual([
        ['b1', 't', 300n, 200n],
        ['b2', 'top', 300n, 200n],
      ])
      expect(await counterDifferencesOf(store)).toEqual([])
    }))

  it('remembers budgets, counters and holds when it is opened again, and finds the holds that are due', () =>
    withStore(async (store, place) => {
      const events = [
        budgetSetEvent({ id: 'b', dimension: 'agent', limit: picos(1_000n), name: 'Ånalysts', zone: 'Europe/Berlin' }),
        budgetSetEvent({ id: 'gone', dimension: 'agent' }),
        holdEvent({ id: 'c1', agent: 'a', tags: { env: 'prod' }, amount: picos(600n), deadline: SAMPLE_AT + 2 }),
        holdEvent({ id: 'c2', agent: 'a', amount: picos(100n), deadline: SAMPLE_AT + 1 }),
        holdEvent({ id: 'c3', agent: 'a', amount: null, fallback: picos(7n) }),
        holdEvent({ id: 'c4', agent: 'x', amount: picos(600n), deadline: SAMPLE_AT + 3 }),
        holdExpireEvent('c4', SAMPLE_AT + 9),
        { kind: 'budget_remove' as const, removal: { id: 'gone', at: SAMPLE_AT } },
      ]
      await apply(
        store,
        events.map((event) => recordOf('org', event)),
      )
      const before = [await store.budgets(null), await store.counters(null), await store.holds(null)]
      expect((await store.holdsDue(SAMPLE_AT + 5, 10)).map(({ id }) => id)).toEqual(['c2', 'c1'])
      await store.close()
      const again = await place.open()
      try {
        expect([await again.budgets(null), await again.counters(null), await again.holds(null)]).toEqual(before)
        const { outcomes } = await apply(again, [
          recordOf('org', holdEvent({ id: 'c5', agent: 'a', amount: picos(301n) })),
          recordOf('org', callEvent({ id: 'c1', charge: sampleCharge(500n) })),
          recordOf('org', holdEvent({ id: 'c6', agent: 'a', amount: picos(301n) })),
        ])
        expect(outcomes.map((outcome) => outcome.ok)).toEqual([false, true, true])
        expect(await counterDifferencesOf(again)).toEqual([])
      } finally {
        await again.close()
      }
    }))

  it('opens a budget with what came since it was computed', () =>
    withStore(async (store) => {
      await apply(store, [recordOf('org', callEvent({ id: 'c1', agent: 'a', charge: sampleCharge(300n) }))])
      const counted = await store.head()
      await apply(store, [recordOf('org', callEvent({ id: 'c2', agent: 'a', charge: sampleCharge(40n) }))])
      const key = { organization: 'org', budget: 'b', value: 'a', start: SAMPLE_AT }
      const opening = [{ ...key, spent: picos(300n), held: picos(0n), toldTo: picos(0n), exhaustedSeq: 0 }]
      const set = budgetSetEvent({ id: 'b', dimension: 'agent', limit: picos(1_000n) }, { opening, throughSeq: counted })
      await apply(store, [recordOf('org', callEvent({ id: 'c3', agent: 'a', charge: sampleCharge(5n) })), recordOf('org', set)])
      expect(await store.counter(key)).toMatchObject({ spent: 345n, held: 0n })
      expect(await counterDifferencesOf(store)).toEqual([])
    }))
}

function exhaustionCases(withStore: WithStore, { apply, counterDifferencesOf }: Tools): void {
  it('remembers that a budget has told that it is exhausted, when it is opened again and when its limit was raised', () =>
    withStore(async (store, place) => {
      const refused = (id: string) => recordOf('org', holdEvent({ id, agent: 'a', amount: picos(9_000n) }))
      const set = (id: string, limit: bigint) => recordOf('org', budgetSetEvent({ id: 'b', limit: picos(limit) }, { id }))
      await apply(store, [set('s1', 1_000n), refused('c1'), refused('c2')])
      await apply(store, [refused('c3')])
      expect(await store.head()).toBe(2)
      const [told] = await store.read(1, 10)
      expect(told?.event).toMatchObject({ kind: 'budget_exhausted', exhaustion: { call: 'c1', budgets: [{ requested: 9_000n }] } })
      await store.close()
      const again = await place.open()
      try {
        await apply(again, [refused('c1')])
        expect(await again.head()).toBe(2)
        await apply(again, [set('s2', 2_000n), refused('c1'), refused('c2')])
        await apply(again, [set('s3', 1_500n), refused('c1')])
        expect((await again.read(2, 10)).map(({ event }) => event.kind)).toEqual(['budget_set', 'budget_exhausted', 'budget_set'])
        expect(await again.counters('org')).toMatchObject([{ budget: 'b', value: 'a', spent: 0n, held: 0n, exhaustedSeq: 4 }])
        expect(await again.budgets('org')).toMatchObject([{ limit: 1_500n, raisedSeq: 3 }])
        expect(await counterDifferencesOf(again)).toEqual([])
      } finally {
        await again.close()
      }
    }))
}

function heldCallCases(withStore: WithStore, { apply }: Tools): void {
  it('finds a call that was held for by the time it states and by the time it counts at, also in a stretch of older calls', () =>
    withStore(async (store, place) => {
      const old = (id: string) => recordOf('org', callEvent({ id, at: 5_000, atGiven: true }))
      await apply(store, [recordOf('org', holdEvent({ id: 'held', at: SAMPLE_AT })), old('held')])
      await apply(
        store,
        Array.from({ length: 1_500 }, (_, at) => old(`c${at}`)),
      )
      const found = async (asked: LedgerStore, from: number, to: number): Promise<number> => {
        let count = 0
        for (let after = 0, head = await asked.head(); after < head; ) {
          const { entries, throughSeq } = await asked.readCalls({ from, to }, after)
          count += entries.length
          after = throughSeq
        }
        return count
      }
      const expectFound = async (asked: LedgerStore): Promise<void> => {
        expect(await found(asked, SAMPLE_AT, SAMPLE_AT + 1)).toBe(1)
        expect(await found(asked, 5_000, 5_001)).toBe(1_501)
        expect(await found(asked, 6_000, SAMPLE_AT)).toBe(0)
      }
      await expectFound(store)
      await store.close()
      const again = await place.open()
      try {
        await expectFound(again)
      } finally {
        await again.close()
      }
    }))
}

import { expect, it } from 'vitest'
import { picos } from '../../kernel/index.ts'
import { committer } from '../committer.ts'
import { deciding } from '../deciding.ts'
import type { LedgerStore } from '../ports.ts'
import type { Command } from '../records.ts'
import { agentStateEvent, breakerSetEvent, callEvent, holdEvent, recordOf, runStartEvent, SAMPLE_AT, sampleCharge } from '../sample.ts'
import type { WithStore } from '../store-suite.ts'

/** What every store must do with breakers and the states of agents. */
export function breakerTests(withStore: WithStore): void {
  it('finds out by deciding what breakers have seen, and remembers breakers, rows and states when it is opened again', () =>
    withStore(async (store, place) => {
      const events = [
        breakerSetEvent({ id: 'b1', measure: 'repeats', limit: 2n, action: 'block', cooldownMs: 1_000, name: 'Ånalysts' }),
        breakerSetEvent({ id: 'b2', dimension: 'team', measure: 'cost', limit: 1_000n, windowMs: 60_000, action: 'pause' }),
        breakerSetEvent({ id: 'gone', measure: 'calls', limit: 1n }),
        { kind: 'breaker_remove' as const, removal: { id: 'gone', at: SAMPLE_AT } },
        runStartEvent({ id: 'top', team: 't' }),
        holdEvent({ id: 'c1', agent: 'a', run: 'top', fingerprint: 'p', amount: picos(600n) }),
        holdEvent({ id: 'c2', agent: 'a', run: 'top', fingerprint: 'p', amount: picos(401n) }),
        holdEvent({ id: 'c3', agent: 'a', fingerprint: 'p', amount: picos(0n) }),
        holdEvent({ id: 'c4', agent: 'a', fingerprint: 'p', amount: picos(0n) }),
        callEvent({ id: 'c5', agent: 'x', run: 'top', charge: sampleCharge(1_000n) }),
        agentStateEvent({ id: 's', agent: '*', state: 'stopped', reason: 'out of hand' }),
        holdEvent({ id: 'c6' }),
      ]
      const { outcomes, changes } = await apply(
        store,
        events.map((event) => recordOf('org', event)),
      )
      const codes = outcomes.map((outcome) => (outcome.ok ? 'ok' : outcome.error.code))
      expect(codes).toEqual([...Array(6).fill('ok'), 'breaker_open', 'ok', 'breaker_open', 'ok', 'ok', 'agent_stopped'])
      expect(changes.entries).toHaveLength(10)
      const read = async (from: LedgerStore) => [await from.breakers(null), await from.breakerRows('org'), await from.agentStates(null)]
      const before = await read(store)
      expect(before.map((rows) => rows.length)).toEqual([2, 2, 2])
      expect(await store.agentStates('org')).toMatchObject([
        { agent: '*', state: 'stopped', reason: 'out of hand' },
        { agent: 'x', state: 'paused', breaker: 'b2' },
      ])
      await store.close()
      const again = await place.open()
      try {
        expect(await read(again)).toEqual(before)
        expect(await again.read(0, 100)).toEqual(changes.entries)
        const next = await apply(again, [
          recordOf('org', agentStateEvent({ id: 'r', agent: '*', state: 'active' })),
          recordOf('org', holdEvent({ id: 'c4', agent: 'a', fingerprint: 'p', amount: picos(0n) })),
          recordOf('org', holdEvent({ id: 'c7', agent: 'x' })),
          recordOf('org', callEvent({ id: 'c1', agent: 'a', run: 'top', charge: sampleCharge(1n) })),
        ])
        expect(next.outcomes.map((outcome) => (outcome.ok ? 'ok' : outcome.error.code))).toEqual([
          'ok',
          'breaker_open',
          'agent_paused',
          'ok',
        ])
        expect(next.outcomes[2]).toMatchObject({ error: { facts: { breaker_id: 'b2', organization_wide: false } } })
      } finally {
        await again.close()
      }
    }))

  it('takes a stop of another node into account with the next hold', () =>
    withStore(async (store) => {
      const [one, other] = [committer(store), committer(store)]
      expect(await one.submit(recordOf('org', holdEvent({ id: 'c1', agent: 'a' })))).toMatchObject({ ok: true })
      await other.submit(recordOf('org', agentStateEvent({ id: 's', agent: 'a', state: 'stopped' })))
      expect(await one.submit(recordOf('org', holdEvent({ id: 'c2', agent: 'a' })))).toMatchObject({ error: { code: 'agent_stopped' } })
    }))

  it('forgets what says nothing any more, in the organization that is swept', () =>
    withStore(async (store) => {
      for (const organization of ['org', 'other']) {
        await apply(store, [recordOf(organization, breakerSetEvent({ id: 'b', organization, measure: 'repeats', limit: 9n }))])
        const holds = Array.from({ length: 50 }, (_, at) => holdEvent({ id: `c${at}`, agent: 'a', fingerprint: `p${at}` }))
        await apply(
          store,
          holds.map((event) => recordOf(organization, event)),
        )
      }
      expect(await store.breakersToSweep(SAMPLE_AT + 59_999)).toEqual([])
      const later = SAMPLE_AT + 61_000
      expect(await store.breakersToSweep(later)).toEqual(['org', 'other'])
      await apply(store, [recordOf('org', { kind: 'breaker_sweep', sweep: { id: 's', at: later } }, later)])
      expect(await store.breakersToSweep(later)).toEqual(['other'])
      expect([(await store.breakerRows('org')).length, (await store.breakerRows('other')).length]).toEqual([0, 50])
    }))
}

async function apply(store: LedgerStore, commands: readonly Command[]) {
  const batch = deciding(commands)
  return store.transact(batch.rows, batch.decide)
}

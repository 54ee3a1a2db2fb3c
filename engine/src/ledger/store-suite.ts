import { describe, expect, it } from 'vitest'
import { picos } from '../kernel/index.ts'
import { breakerTests } from './breaker/breaker-store-suite.ts'
import { budgetStoreCases } from './budget/budget-store-suite.ts'
import { counterDifferences, emptyBudgetTally, tallyBudgets } from './budget/tally.ts'
import { committer } from './committer.ts'
import { decide } from './decide.ts'
import { deciding } from './deciding.ts'
import type { LedgerStore } from './ports.ts'
import type { Command } from './records.ts'
import { rowsNeeded } from './rows-needed.ts'
import { adjustmentEvent, callEvent, recordOf, runEndEvent, runStartEvent, SAMPLE_AT, sampleCharge, sessionStartEvent } from './sample.ts'
import { accountDifferences, emptyTally, tally, unbalanced } from './verify.ts'
import { walletStoreCases } from './wallet/wallet-suite.ts'

/** A place that a store can be opened in, closed, and opened again. */
export interface StorePlace {
  open(): Promise<LedgerStore>
  remove(): Promise<void>
}

/** What every store of the ledger must do; run for each of them. */
export function ledgerStoreSuite(name: string, newPlace: () => Promise<StorePlace>): void {
  const withStore = async (test: (store: LedgerStore, place: StorePlace) => Promise<void>): Promise<void> => {
    const place = await newPlace()
    const store = await place.open()
    try {
      await test(store, place)
    } finally {
      await store.close()
      await place.remove()
    }
  }
  describe(`ledger store: ${name}`, () => {
    durabilityTests(withStore)
    findingTests(withStore)
    journalTests(withStore)
    bookTests(withStore)
    budgetStoreCases(withStore, { apply, counterDifferencesOf })
    breakerTests(withStore)
    walletStoreCases(withStore, { apply, counterDifferencesOf })
  })
}

export type WithStore = (test: (store: LedgerStore, place: StorePlace) => Promise<void>) => Promise<void>

function durabilityTests(withStore: WithStore): void {
  it('begins empty', () =>
    withStore(async (store) => {
      expect(await store.head()).toBe(0)
      expect(await store.read(0, 10)).toEqual([])
      expect(await store.organizations()).toEqual([])
      expect(await store.findCall(null, 'nothing')).toBeNull()
    }))

  it('gives back after reopening exactly what was committed, and goes on from there', () =>
    withStore(async (store, place) => {
      const events = [
        sessionStartEvent({ id: 's1', user: 'u1', tags: { env: 'prod', __proto__x: '1' } }),
        runStartEvent({ id: 'r1', session: 's1', workflow: 'Report' }),
        callEvent({ id: 'c1', run: 'r1', agent: 'Ånalyst 分析', tags: { 'a/b': '~' } }),
        adjustmentEvent({ id: 'j1', call: 'c1', charge: sampleCharge(7_000_000_000n), delta: picos(-500_000_000n) }),
        runEndEvent({ id: 'r1', success: false, errorCode: 'timeout' }),
      ]
      const decision = await apply(
        store,
        events.map((event) => recordOf('org', event)),
      )
      expect(decision.outcomes.every((outcome) => outcome.ok)).toBe(true)
      const before = await everythingOf(store)
      await store.close()
      const again = await place.open()
      try {
        expect(await everythingOf(again)).toEqual(before)
        expect(await again.read(0, 100)).toEqual(decision.changes.entries)
        const next = await apply(again, [
          recordOf('org', callEvent({ id: 'c2', run: 'r1' })),
          recordOf('org', callEvent({ id: 'c1', run: 'r1', agent: 'Ånalyst 分析', tags: { 'a/b': '~' } })),
        ])
        expect(next.outcomes.map((outcome) => outcome.ok && [outcome.value.entry.seq, outcome.value.replayed])).toEqual([
          [6, false],
          [3, true],
        ])
      } finally {
        await again.close()
      }
    }))

  it('writes nothing when deciding throws, and takes the next batch', () =>
    withStore(async (store) => {
      await apply(store, [recordOf('org', callEvent({ id: 'c1' }))])
      const before = await everythingOf(store)
      const commands = [recordOf('new org', callEvent({ id: 'c2' }))]
      const failed = store.transact(rowsNeeded(commands).named, (state) => {
        decide(state, commands)
        throw new Error('planted')
      })
      await expect(failed).rejects.toThrow('planted')
      expect(await everythingOf(store)).toEqual(before)
      const { outcomes } = await apply(store, commands)
      expect(outcomes[0]).toMatchObject({ ok: true, value: { replayed: false, entry: { seq: 2 } } })
      expect(await store.organizations()).toEqual(['new org', 'org'])
    }))

  it('writes nothing when a change cannot be written', () =>
    withStore(async (store) => {
      await apply(store, [recordOf('org', callEvent({ id: 'c1' }))])
      const before = await everythingOf(store)
      const commands = [recordOf('org', callEvent({ id: 'c2' })), recordOf('org', callEvent({ id: 'c3' }))]
      const failed = store.transact(rowsNeeded(commands).named, (state) => {
        const decision = decide(state, commands)
        const [first, second] = decision.changes.entries
        if (first === undefined || second === undefined) throw new Error('two entries were expected')
        return { ...decision, changes: { ...decision.changes, entries: [first, { ...second, seq: first.seq }] } }
      })
      await expect(failed).rejects.toThrow()
      expect(await everythingOf(store)).toEqual(before)
    }))

  it('gives two batches that come at once an order', () =>
    withStore(async (store) => {
      const [first, second] = await Promise.all([
        apply(store, [recordOf('org', callEvent({ id: 'c1' })), recordOf('org', callEvent({ id: 'c2' }))]),
        apply(store, [recordOf('org', callEvent({ id: 'c2' })), recordOf('org', callEvent({ id: 'c3' }))]),
      ])
      expect(first.outcomes.map((outcome) => outcome.ok && outcome.value.replayed)).toEqual([false, false])
      expect(second.outcomes.map((outcome) => outcome.ok && outcome.value.replayed)).toEqual([true, false])
      expect((await store.read(0, 10)).map((entry) => entry.seq)).toEqual([1, 2, 3])
    }))
}

function findingTests(withStore: WithStore): void {
  it('finds calls, runs and sessions within one organization and across all', () =>
    withStore(async (store) => {
      for (const organization of ['a', 'b']) {
        await apply(store, [
          recordOf(organization, sessionStartEvent({ id: 's1', user: organization })),
          recordOf(organization, runStartEvent({ id: 'r1', user: organization })),
          recordOf(organization, callEvent({ id: 'c1', user: organization })),
        ])
      }
      await apply(store, [recordOf('b', callEvent({ id: 'only b' }))])
      expect((await store.findCall('b', 'c1'))?.organization).toBe('b')
      expect(await store.findCall('a', 'only b')).toBeNull()
      expect((await store.findCall(null, 'only b'))?.organization).toBe('b')
      expect((await store.findRuns(null, 'r1')).map((run) => run.user)).toEqual(['a', 'b'])
      expect((await store.findRuns('b', 'r1')).map((run) => run.user)).toEqual(['b'])
      expect((await store.findSessions(null, 's1')).map((session) => session.user)).toEqual(['a', 'b'])
      expect(await store.findSessions('c', 's1')).toEqual([])
      expect((await store.accounts('a')).map((account) => account.account)).toEqual(['expense:openai', 'funding'])
    }))

  it('keeps kinds, organizations and odd ids apart', () =>
    withStore(async (store) => {
      const ids = [
        'x',
        'X',
        ' x',
        'x\u0000',
        'call:x',
        "'; DROP TABLE journal; --",
        'é',
        'e\u0301',
        '😀',
        '0198c7a0-0000-7000-8000-000000000000',
      ]
      const commands = ids.flatMap((id) => [
        recordOf('o', callEvent({ id })),
        recordOf('o:', callEvent({ id })),
        recordOf('o', runStartEvent({ id })),
        recordOf('o', sessionStartEvent({ id })),
      ])
      const { outcomes } = await apply(store, commands)
      expect(outcomes.every((outcome) => outcome.ok && !outcome.value.replayed)).toBe(true)
      const again = await apply(store, commands)
      expect(again.outcomes.every((outcome) => outcome.ok && outcome.value.replayed)).toBe(true)
      expect(await store.head()).toBe(commands.length)
    }))

  it('lists the adjustments of a call, oldest first', () =>
    withStore(async (store) => {
      const adjust = (id: string, amount: bigint, delta: bigint): Command =>
        recordOf('org', adjustmentEvent({ id, call: 'c1', charge: sampleCharge(amount), delta: picos(delta) }))
      await apply(store, [recordOf('org', callEvent({ id: 'c1', charge: sampleCharge(null) })), adjust('j1', 5n, 5n)])
      await apply(store, [adjust('j2', 3n, -2n)])
      expect((await store.findAdjustments('org', 'c1')).map((entry) => entry.seq)).toEqual([2, 3])
      expect(await store.findAdjustments('other', 'c1')).toEqual([])
      const { outcomes } = await apply(store, [adjust('j3', 4n, -1n)])
      expect(outcomes[0]).toMatchObject({ ok: false, error: { code: 'invalid_field', path: '/delta' } })
    }))
}

function journalTests(withStore: WithStore): void {
  it('reads the calls of a stretch of time, passing over pieces that have none of them', () =>
    withStore(async (store, place) => {
      const commands = Array.from({ length: 3_000 }, (_, at) =>
        recordOf('org', callEvent({ id: `c${at}`, at: at < 2_900 ? at * 10 : 5_000 })),
      )
      for (let from = 0; from < commands.length; from += 500) await apply(store, commands.slice(from, from + 500))
      await apply(store, [recordOf('org', runStartEvent({ id: 'r1', at: 5_000 }))])
      const expectCalls = async (asked: LedgerStore): Promise<void> => {
        const late = Array.from({ length: 100 }, (_, at) => `c${2_900 + at}`)
        expect((await callsOf(asked, { from: 4_990, to: 5_020 })).ids).toEqual(['c499', 'c500', 'c501', ...late])
        expect((await callsOf(asked, { from: 28_980, to: Number.POSITIVE_INFINITY })).ids).toEqual(['c2898', 'c2899'])
        expect((await callsOf(asked, { from: 28_990, to: 28_990 })).ids).toEqual([])
        const nothing = await callsOf(asked, { from: 40_000, to: 50_000 })
        expect(nothing).toEqual({ ids: [], reads: 1 })
        expect((await callsOf(asked, { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY })).ids).toHaveLength(3_000)
      }
      await expectCalls(store)
      await store.close()
      const again = await place.open()
      try {
        await expectCalls(again)
      } finally {
        await again.close()
      }
    }))

  it('reads the journal in pieces', () =>
    withStore(async (store) => {
      await apply(
        store,
        Array.from({ length: 25 }, (_, at) => recordOf('org', callEvent({ id: `c${at}` }))),
      )
      const seqs: number[] = []
      for (let after = 0; ; ) {
        const entries = await store.read(after, 10)
        if (entries.length === 0) break
        seqs.push(...entries.map((entry) => entry.seq))
        after = seqs.at(-1) ?? 0
      }
      expect(seqs).toEqual(Array.from({ length: 25 }, (_, at) => at + 1))
    }))
}

function bookTests(withStore: WithStore): void {
  it('keeps amounts beyond 64 bits exactly', () =>
    withStore(async (store) => {
      const huge = 10n ** 30n + 1n
      for (const id of ['a', 'b']) {
        await apply(store, [recordOf('org', { kind: 'wallet_open', wallet: { id, opening: picos(huge), at: SAMPLE_AT } })])
      }
      expect(await store.accounts('org')).toEqual([
        { organization: 'org', account: 'funding', debits: 0n, credits: 2n * huge },
        { organization: 'org', account: 'wallet:a', debits: huge, credits: 0n },
        { organization: 'org', account: 'wallet:b', debits: huge, credits: 0n },
      ])
    }))

  it('agrees with its journal after many callers at once, each id posted once', () =>
    withStore(async (store) => {
      const door = committer(store)
      const callers = Array.from({ length: 40 }, async (_, caller) => {
        for (let at = 0; at < 5; at++) {
          const shared = recordOf('org', callEvent({ id: `shared-${at}`, run: 'r', charge: sampleCharge(BigInt(at + 1)) }))
          const own = recordOf(`org-${caller % 3}`, callEvent({ id: `${caller}-${at}`, charge: sampleCharge(BigInt(caller * 1000 + at)) }))
          const outcomes = await Promise.all([door.submit(shared), door.submit(own)])
          expect(outcomes.every((outcome) => outcome.ok)).toBe(true)
        }
      })
      await Promise.all(callers)
      await door.close()
      const of = tally(emptyTally(), await store.read(0, 1000))
      expect(of.calls).toBe(205)
      expect(of.head).toBe(await store.head())
      expect(accountDifferences(of, await store.accounts(null))).toEqual([])
      expect(unbalanced(await store.accounts(null))).toEqual([])
    }))
}

async function counterDifferencesOf(store: LedgerStore) {
  const of = emptyBudgetTally()
  for (const entry of await store.read(0, 10_000)) tallyBudgets(of, entry)
  return counterDifferences(of, await store.counters(null))
}

async function apply(store: LedgerStore, commands: readonly Command[]) {
  const batch = deciding(commands)
  return store.transact(batch.rows, batch.decide)
}

async function callsOf(store: LedgerStore, range: { readonly from: number; readonly to: number }) {
  const head = await store.head()
  const ids: string[] = []
  let reads = 0
  for (let after = 0; after < head; reads++) {
    const { entries, throughSeq } = await store.readCalls(range, after)
    expect(throughSeq).toBeGreaterThan(after)
    ids.push(...entries.map(({ event }) => (event.kind === 'call' ? event.call.id : event.kind)))
    after = throughSeq
  }
  return { ids, reads }
}

async function everythingOf(store: LedgerStore) {
  return {
    head: await store.head(),
    entries: await store.read(0, 1000),
    accounts: await store.accounts(null),
    organizations: await store.organizations(),
    runs: await store.findRuns(null, 'r1'),
    sessions: await store.findSessions(null, 's1'),
    call: await store.findCall(null, 'c1'),
    adjustments: await store.findAdjustments('org', 'c1'),
  }
}

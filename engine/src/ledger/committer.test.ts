import { describe, expect, it } from 'vitest'
import { committer } from './committer.ts'
import { applyChanges, NO_ROWS } from './memory-rows.ts'
import type { LedgerStore } from './ports.ts'
import { callEvent, recordOf } from './sample.ts'

/** A store in memory that tells the size of each batch, and fails or waits when told to. */
function memoryStore(before: (batch: number) => Promise<void> = async () => {}) {
  let state = NO_ROWS
  const batches: number[] = []
  const store: Pick<LedgerStore, 'transact'> = {
    transact: async (rows, decide) => {
      await before(batches.length)
      while (rows(state) !== null) {
        // Everything is in memory: there is nothing to load, only to be asked for.
      }
      const decision = decide(state)
      batches.push(decision.outcomes.length)
      state = applyChanges(state, decision.changes)
      return decision
    },
  }
  return { store: store as LedgerStore, batches, head: () => state.head }
}

const call = (id: string) => recordOf('org', callEvent({ id }))
const calls = (count: number, prefix = 'c') => Array.from({ length: count }, (_, at) => call(`${prefix}${at}`))

describe('committer', () => {
  it('commits what arrived together in one batch, and what arrives meanwhile in the next', async () => {
    const release: (() => void)[] = []
    const { store, batches } = memoryStore((batch) => (batch === 0 ? new Promise((resolve) => release.push(resolve)) : Promise.resolve()))
    const door = committer(store)
    const first = door.submit(call('a'))
    while (release.length === 0) await new Promise((resolve) => setImmediate(resolve))
    const rest = [door.submit(call('b')), door.submitAll(calls(3)), door.submit(call('d'))]
    release[0]?.()
    await Promise.all([first, ...rest])
    expect(batches).toEqual([1, 5])
    expect(door.head()).toBe(6)
  })

  it('keeps a group whole, and cuts one that is more than a batch', async () => {
    const { store, batches } = memoryStore()
    const door = committer(store, { limits: { commandsPerBatchMax: 4, commandsWaitingMax: 100 } })
    const outcomes = await Promise.all([door.submitAll(calls(3)), door.submitAll(calls(3, 'd')), door.submitAll(calls(9, 'e'))])
    expect(batches).toEqual([3, 3, 4, 4, 1])
    expect(outcomes.flat().map((outcome) => outcome.ok && outcome.value.entry.seq)).toEqual(Array.from({ length: 15 }, (_, at) => at + 1))
  })

  it('refuses what is more than may wait, and takes more once there is room', async () => {
    const { store, head } = memoryStore()
    const door = committer(store, { limits: { commandsPerBatchMax: 2, commandsWaitingMax: 5 } })
    const waiting = door.submitAll(calls(4))
    expect((await door.submitAll(calls(2, 'd'))).map((outcome) => !outcome.ok && outcome.error.code)).toEqual(['overloaded', 'overloaded'])
    expect((await door.submitAll(calls(6, 'e'))).map((outcome) => !outcome.ok && outcome.error.code)).toEqual(Array(6).fill('overloaded'))
    expect(await door.submit(call('f'))).toMatchObject({ ok: true })
    expect((await waiting).every((outcome) => outcome.ok)).toBe(true)
    expect(head()).toBe(5)
  })

  it('answers `unavailable` to all of a batch when the store fails, and goes on', async () => {
    const faults: unknown[] = []
    const { store, head } = memoryStore(async (batch) => {
      if (faults.length === 0 && batch === 0) throw new Error('disk full')
    })
    const door = committer(store, { onFault: (error) => faults.push(error) })
    const outcomes = await door.submitAll(calls(3))
    expect(outcomes.map((outcome) => !outcome.ok && outcome.error.code)).toEqual(['unavailable', 'unavailable', 'unavailable'])
    expect(head()).toBe(0)
    expect(faults).toHaveLength(1)
    expect((await door.submitAll(calls(3))).map((outcome) => outcome.ok && outcome.value.replayed)).toEqual([false, false, false])
  })

  it('a command that we cannot decide is refused alone', async () => {
    const { store } = memoryStore()
    const door = committer(store)
    const mixed = await Promise.all([door.submit(call('b')), door.submit(poisonedInDeciding()), door.submit(call('c'))])
    expect(mixed.map((outcome) => (outcome.ok ? 'posted' : outcome.error.code))).toEqual(['posted', 'internal', 'posted'])
  })

  it('answers two of one id in one batch as first and repetition', async () => {
    const { store, batches } = memoryStore()
    const door = committer(store)
    const outcomes = await Promise.all([
      door.submit(call('a')),
      door.submit(call('a')),
      door.submit(recordOf('org', callEvent({ id: 'a', agent: 'B' }))),
    ])
    expect(batches).toEqual([3])
    expect(outcomes.map((outcome) => (outcome.ok ? outcome.value.replayed : outcome.error.path))).toEqual([false, true, '/agent_name'])
  })

  it('finishes what waits before it closes, and takes nothing after', async () => {
    const { store } = memoryStore()
    const door = committer(store)
    const waiting = door.submitAll(calls(3))
    await door.close()
    expect((await waiting).every((outcome) => outcome.ok)).toBe(true)
    expect(await door.submit(call('late'))).toMatchObject({ ok: false, error: { code: 'unavailable' } })
    expect(await door.submitAll([])).toEqual([])
  })
})

/** Well formed when its rows are asked for, broken when it is decided: a stand-in for a bug of ours. */
function poisonedInDeciding() {
  const command = call('poison')
  if (command.event.kind !== 'call') throw new Error('a call was expected')
  Object.defineProperty(command.event.call, 'charge', {
    get: () => {
      throw new Error('planted')
    },
  })
  return command
}

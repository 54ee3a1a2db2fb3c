import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JournalEntry } from '../../ledger/index.ts'
import type { Told } from '../ports.ts'
import { SAMPLE_NOW, sampleEntry, sampleWebhook } from '../sample.ts'
import { follower } from './follow.ts'

/** A journal and a store of alerts that outlive any number of followers, and fail when they are told to. */
function world() {
  const journal: JournalEntry[] = []
  const told: Told[] = []
  let watermark = 0
  let failures = 0
  let reads = 0
  const fails = (): boolean => failures > 0 && failures-- > 0
  const begin = () =>
    follower({
      store: {
        watermark: async () => watermark,
        follow: async ({ from, through }, tell) => {
          await null
          if (fails()) throw new Error('planted')
          if (from !== watermark) return false
          watermark = through
          told.push(tell([sampleWebhook({ id: 'w' })]))
          return true
        },
      },
      journal: {
        read: async (after, limit) => {
          reads++
          const page = journal.slice(after, after + limit)
          await null
          if (fails()) throw new Error('planted')
          return page
        },
      },
      now: () => SAMPLE_NOW,
      told: () => undefined,
    })
  return {
    begin,
    /** Posts entries of which some tell something. */
    post: (crossed: readonly boolean[]) => {
      const entries = crossed.map((tells, index) => sampleEntry(journal.length + 1 + index, tells ? [{}] : []))
      journal.push(...entries)
      return entries
    },
    fail: (times: number) => {
      failures = times
    },
    stealTo: (seq: number) => {
      watermark = seq
    },
    reads: () => reads,
    watermark: () => watermark,
    head: () => journal.length,
    telling: () => journal.filter(({ crossed }) => crossed !== undefined).length,
    alerts: () => told.flatMap(({ alerts }) => alerts.map(({ id }) => id)),
    deliveries: () => told.flatMap(({ deliveries }) => deliveries.map(({ id }) => id)),
  }
}

type Step =
  | { readonly kind: 'post'; readonly crossed: readonly boolean[]; readonly by: number }
  | { readonly kind: 'crash' | 'look'; readonly by: number }
  | { readonly kind: 'fail'; readonly times: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('post' as const),
      crossed: fc.array(fc.boolean(), { minLength: 1, maxLength: 4 }),
      by: fc.nat(1),
    }),
  },
  fc.record({ kind: fc.constantFrom('crash' as const, 'look' as const), by: fc.nat(1) }),
  fc.record({ kind: fc.constant('fail' as const), times: fc.integer({ min: 1, max: 3 }) }),
)

describe('a follower', () => {
  it('tells each alert once, whatever crashes, fails, and is posted by whichever of two nodes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const at = world()
        const nodes = [at.begin(), at.begin()]
        for (const one of steps) {
          if (one.kind === 'post') nodes[one.by]?.committed(at.post(one.crossed))
          else if (one.kind === 'fail') at.fail(one.times)
          else if (one.kind === 'look') await nodes[one.by]?.catchUp()
          // A crash forgets the node; what it has begun may still go through.
          else nodes[one.by] = at.begin()
        }
        at.fail(0)
        for (const node of nodes) await node.catchUp()
        expect(at.alerts()).toHaveLength(at.telling())
        expect(new Set(at.alerts()).size).toBe(at.telling())
        expect(new Set(at.deliveries()).size).toBe(at.telling())
      }),
    )
  })

  it('looks at entries as they are committed, and reads none of them again', async () => {
    const at = world()
    const node = at.begin()
    await node.catchUp()
    const before = at.reads()
    for (let batch = 0; batch < 50; batch++) node.committed(at.post([false, batch % 10 === 0]))
    await node.stop()
    expect(at.reads()).toBe(before)
    expect(at.alerts()).toHaveLength(5)
    expect(at.watermark()).toBe(at.head())
  })

  it('reads what it was not shown', async () => {
    const at = world()
    const node = at.begin()
    await node.catchUp()
    at.post([true])
    node.committed(at.post([true]))
    await node.catchUp()
    expect(at.alerts()).toHaveLength(2)
  })

  it('leaves what another node has told', async () => {
    const at = world()
    const node = at.begin()
    await node.catchUp()
    const entries = at.post([true])
    at.stealTo(1)
    node.committed(entries)
    await node.catchUp()
    expect(at.alerts()).toEqual([])
    expect(at.watermark()).toBe(1)
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bodyOf, halved, nextRequests } from './plan.ts'
import { createWaitingQueue, type Item } from './queue.ts'

function item(kind: Item['kind'], scopes: string[], sequence: number, json = `{"n":${sequence}}`): Item {
  return { kind, path: `/${kind}`, json, scopes, sequence }
}

function queueOf(items: readonly Item[]) {
  const queue = createWaitingQueue(100_000)
  for (const one of items) queue.push(one)
  return queue
}

function sentOrder(items: readonly Item[], batchMax: number): Item[] {
  const queue = queueOf(items)
  const sent: Item[] = []
  while (queue.length > 0) sent.push(...nextRequests(queue, batchMax).flatMap((request) => request.items))
  return sent
}

describe('nextRequests', () => {
  it('puts the calls of interleaved workflows into one batch between their starts and ends', () => {
    const requests = nextRequests(
      queueOf([
        item('workflow_start', ['run a'], 1),
        item('call', ['run a'], 2),
        item('workflow_start', ['run b'], 3),
        item('workflow_end', ['run a'], 4),
        item('call', ['run b'], 5),
        item('workflow_end', ['run b'], 6),
      ]),
      100,
    )
    expect(requests.map((request) => request.items.map(({ sequence }) => sequence))).toEqual([[1], [3], [2, 5], [4], [6]])
    expect(bodyOf(requests[2]!)).toBe('{"calls":[{"n":2},{"n":5}]}')
  })

  it('closes the window before an item of a run that has ended in it', () => {
    const queue = queueOf([item('call', ['run a'], 1), item('workflow_end', ['run a'], 2), item('call', ['run a'], 3)])
    expect(nextRequests(queue, 100).flatMap(({ items }) => items.map(({ sequence }) => sequence))).toEqual([1, 2])
    expect(queue.length).toBe(1)
  })

  it('keeps a batch within a size that the server takes', () => {
    const big = 'x'.repeat(400_000)
    const queue = queueOf([1, 2, 3].map((n) => item('call', [], n, JSON.stringify(big))))
    expect(nextRequests(queue, 100)[0]?.items).toHaveLength(2)
    expect(nextRequests(queue, 100)[0]?.items).toHaveLength(1)
  })

  it('halves without losing or reordering', () => {
    const [left, right] = halved({ path: '/', items: [1, 2, 3].map((n) => item('call', [], n)), batch: true, faults: 3 })
    expect([...left.items, ...right.items].map(({ sequence }) => sequence)).toEqual([1, 2, 3])
  })

  it('sends every item once, and none before the start or after the end that was reported on that side of it', () => {
    const kinds = ['call', 'workflow_start', 'workflow_end', 'session_start', 'session_end'] as const
    const reported = fc.array(fc.record({ kind: fc.constantFrom(...kinds), run: fc.nat(3), session: fc.nat(2) }), { maxLength: 60 })
    fc.assert(
      fc.property(reported, fc.integer({ min: 1, max: 20 }), (list, batchMax) => {
        const items = list.map(({ kind, run, session }, index) => {
          const scopes = kind.startsWith('session')
            ? [`session ${session}`]
            : [`run ${run}`, ...(kind === 'call' ? [`session ${session}`] : [])]
          return item(kind, scopes, index)
        })
        const sent = sentOrder(items, batchMax)
        expect([...sent].sort((a, b) => a.sequence - b.sequence)).toEqual(items)
        const place = new Map(sent.map(({ sequence }, index) => [sequence, index]))
        const isBefore = (a: Item, b: Item) => place.get(a.sequence)! < place.get(b.sequence)!
        for (const first of items) {
          for (const second of items.slice(first.sequence + 1)) {
            if (!first.scopes.some((scope) => second.scopes.includes(scope))) continue
            const mayMoveAhead = second.kind.endsWith('_start') && !first.kind.endsWith('_end')
            if (!mayMoveAhead) expect(isBefore(first, second)).toBe(true)
          }
        }
      }),
    )
  })
})

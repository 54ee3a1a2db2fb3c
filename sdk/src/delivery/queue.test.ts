import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createWaitingQueue, type Item } from './queue.ts'

const item = (sequence: number): Item => ({ kind: 'call', path: '/', json: '{}', scopes: [], sequence })

it('drops the oldest when full and says which', () => {
  const queue = createWaitingQueue(2)
  expect(queue.push(item(1))).toBeNull()
  expect(queue.push(item(2))).toBeNull()
  expect(queue.push(item(3))?.sequence).toBe(1)
  expect(queue.oldest).toBe(2)
  expect(queue.take(9).map(({ sequence }) => sequence)).toEqual([2, 3])
  expect(queue.oldest).toBeNull()
})

it('behaves like a plain list, also past the point where it gives space back', () => {
  const step = fc.oneof(fc.constant('push' as const), fc.integer({ min: 1, max: 700 }))
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const queue = createWaitingQueue(3000)
      const model: number[] = []
      let next = 0
      for (const one of steps) {
        if (one === 'push') {
          for (let count = 0; count < 500; count += 1) {
            next += 1
            model.push(next)
            const dropped = queue.push(item(next))
            expect(dropped?.sequence).toBe(model.length > 3000 ? model.shift() : undefined)
          }
        } else expect(queue.take(one).map(({ sequence }) => sequence)).toEqual(model.splice(0, one))
        expect([queue.length, queue.oldest, queue.peek(0)?.sequence]).toEqual([model.length, model[0] ?? null, model[0]])
      }
    }),
  )
})

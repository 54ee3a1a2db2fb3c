import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EVERYTHING, worldStore } from '../../../conformance/insights/world.ts'
import { breakdown, breakdownOf } from './breakdown.ts'
import { spendByPair } from './pairs.ts'

const anyCall = fc.record({
  agent: fc.constantFrom('A', 'B', 'C', null),
  model: fc.constantFrom('m', 'n', 'o', null),
  success: fc.boolean(),
  inputTokens: fc.nat(1000),
  latencyMs: fc.option(fc.nat(1000)),
  cost: fc.option(fc.integer({ min: 0, max: 3 }).map(String)),
})

describe('spend by pairs', () => {
  it('gives the same breakdowns as asking for each dimension by itself, lines of equal cost in the same order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyCall, { maxLength: 40 }), fc.integer({ min: 1, max: 5 }), async (calls, limit) => {
        const store = worldStore({ calls })
        const all = await spendByPair(store, EVERYTHING, ['agent', 'model'])
        expect(breakdownOf(all?.firsts ?? [], limit)).toEqual(await breakdown(store, EVERYTHING, 'agent', limit))
        expect(breakdownOf(all?.seconds ?? [], limit)).toEqual(await breakdown(store, EVERYTHING, 'model', limit))
      }),
    )
  })

  it('is not there when there are more pairs than may be read', async () => {
    const store = worldStore({ calls: ['A', 'B', 'C'].map((agent) => ({ agent, model: 'm', cost: '1' })) })
    expect(await spendByPair(store, EVERYTHING, ['agent', 'model'], 2)).toBeNull()
    expect((await spendByPair(store, EVERYTHING, ['agent', 'model'], 3))?.pairs).toHaveLength(3)
  })
})

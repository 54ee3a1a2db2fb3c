import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EVERYTHING, worldStore } from '../../../conformance/insights/world.ts'
import { type Dimension, sumMeasures, ZERO_MEASURES } from '../calls/index.ts'
import { breakdown, totalOf } from './breakdown.ts'

const anyCall = fc.record({
  agent: fc.constantFrom('A', 'B', 'C', null),
  model: fc.constantFrom('m', 'n', null),
  success: fc.boolean(),
  inputTokens: fc.nat(1000),
  outputTokens: fc.nat(1000),
  latencyMs: fc.option(fc.nat(1000)),
  tags: fc.constantFrom({}, { feature: 'x' }, { feature: 'y' }),
  cost: fc.option(fc.integer({ min: 0, max: 1000 }).map(String)),
})
const anyDimension = fc.constantFrom<Dimension[]>('agent', 'model', 'status', 'team', 'tag:feature')

describe('a breakdown', () => {
  it('has parts that add up to its total in every measure, whatever the limit leaves out', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyCall, { maxLength: 40 }),
        anyDimension,
        fc.integer({ min: 1, max: 5 }),
        fc.constantFrom(undefined, 1),
        async (calls, dimension, limit, groupsMax) => {
          const store = worldStore({ calls })
          const { total, lines, unattributed, others } = await breakdown(store, EVERYTHING, dimension, limit, groupsMax)
          const parts = sumMeasures([...lines, unattributed, others ?? ZERO_MEASURES])
          expect(parts).toEqual(total)
          expect(total).toEqual(await totalOf(store, EVERYTHING))
          expect(lines.length).toBeLessThanOrEqual(limit)
        },
      ),
    )
  })

  it('still adds up when a call is recorded between its queries', async () => {
    const before = worldStore({
      calls: [
        { agent: 'A', cost: '3' },
        { agent: 'B', cost: '2' },
        { agent: 'C', cost: '1' },
      ],
    })
    const after = worldStore({
      calls: [
        { agent: 'A', cost: '3' },
        { agent: 'B', cost: '2' },
        { agent: 'C', cost: '1' },
        { agent: 'D', cost: '7' },
      ],
    })
    let asked = 0
    const store = {
      ...before,
      aggregate: (query: Parameters<typeof before.aggregate>[0]) => (asked++ === 0 ? before : after).aggregate(query),
    }
    const { total, lines, unattributed, others } = await breakdown(store, EVERYTHING, 'agent', 1, 3)
    expect(total.calls).toBe(4)
    expect(sumMeasures([...lines, unattributed, others ?? ZERO_MEASURES])).toEqual(total)
  })
})

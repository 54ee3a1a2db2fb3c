import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exactRows, plainCost, plainPrice } from '../../../../conformance/insights/plain-rates.ts'
import { type CallFact, EVERYTHING, START, type WorldFacts, worldStore } from '../../../../conformance/insights/world.ts'
import { sumPicos, usdOfPicos, ZERO } from '../../kernel/index.ts'
import { findWaste, wasteByBucket } from './waste.ts'

interface Case extends WorldFacts {
  readonly name: string
  readonly calls: readonly CallFact[]
  readonly expect: { readonly categories: readonly unknown[]; readonly wasted: string | null; readonly share: number | null }
}

const cases: Case[] = JSON.parse(readFileSync(new URL('../../../../conformance/insights/waste.json', import.meta.url), 'utf8'))
const question = { ...EVERYTHING, readExact: exactRows, price: plainPrice }

function priced(call: CallFact): CallFact {
  return call.cost === undefined ? { ...call, cost: usdOfPicos(plainCost(call)) } : call
}

describe('waste', () => {
  it.each(cases)('$name', async ({ calls, runs, expect: expected }) => {
    const report = await findWaste(worldStore({ calls: calls.map(priced), ...(runs === undefined ? {} : { runs }) }), question)
    const categories = report.categories.map(({ category, found, calls: count, amount }) => [
      category,
      found[0]?.how,
      count,
      amount === null ? null : usdOfPicos(amount),
    ])
    expect({ categories, wasted: report.wasted === null ? null : usdOfPicos(report.wasted), share: report.share }).toEqual(expected)
    for (const { found } of report.categories)
      for (const { rule, callIds } of found) expect([rule.length > 0, callIds.length > 0]).toEqual([true, true])
  })

  it('says which categories only a caller can name', async () => {
    const said = async (calls: readonly CallFact[]) =>
      (await findWaste(worldStore({ calls }), question)).declaredOnly.map(({ category }) => category)
    expect(await said([{ cost: '1' }])).toEqual(['unused_context', 'hallucination_recovery'])
    expect(await said([{ cost: '1', tags: { waste: 'unused_context' } }])).toEqual(['hallucination_recovery'])
  })

  it('is never more than was spent, has each call once, and its days add up to the whole', async () => {
    const call = fc.record({
      cost: fc.option(fc.integer({ min: 0, max: 9 }).map(String), { nil: null }),
      fingerprint: fc.constantFrom('a', 'b', null),
      success: fc.boolean(),
      runId: fc.constantFrom('r1', 'r2', null),
      tags: fc.constantFrom<Record<string, string>>({}, {}, { waste: 'mine' }, { waste: 'none' }),
      action: fc.constantFrom('retry', 'plan', null),
      at: fc.integer({ min: 0, max: 3 * 86_400_000 }).map((ms) => START + ms),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 25 }), async (calls) => {
        const store = worldStore({ calls, runs: [{ runId: 'r1', success: false }] })
        const report = await findWaste(store, question)
        expect(report.categories.reduce((sum, category) => sum + category.calls, 0)).toBeLessThanOrEqual(calls.length)
        expect((report.wasted ?? ZERO) <= report.total.cost).toBe(true)
        const days = await wasteByBucket(store, EVERYTHING, { period: 'day', zone: 'UTC' })
        expect(sumPicos([...days.values()].flatMap((day) => [...day.values()]))).toBe(
          sumPicos(report.categories.flatMap(({ amount }) => amount ?? [])),
        )
      }),
      { numRuns: 60, seed: 11 },
    )
  })
})

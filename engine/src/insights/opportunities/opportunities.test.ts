import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CallFact, EVERYTHING, usd, type WorldFacts, worldStore } from '../../../../conformance/insights/world.ts'
import type { CallRow } from '../../calls/index.ts'
import { divideHalfEven, picos, sumPicos, usdOfPicos, ZERO } from '../../kernel/index.ts'
import { CALL_IDS_MAX, findOpportunities, type Repricer } from './index.ts'

/** USD per million tokens, in and out. */
type Prices = Readonly<Record<string, readonly [string, string]>>

interface OpportunityCase extends WorldFacts {
  readonly name: string
  readonly prices: Prices
  readonly calls: readonly (CallFact & { readonly times?: number })[]
  readonly expect: unknown
}
const CASES: OpportunityCase[] = JSON.parse(
  readFileSync(new URL('../../../../conformance/insights/opportunities.json', import.meta.url), 'utf8'),
)

function repricerOf(prices: Prices): Repricer {
  return (row) => (model) => {
    const price = prices[model]
    return price === undefined
      ? null
      : picos(divideHalfEven(BigInt(row.inputTokens) * usd(price[0]) + BigInt(row.outputTokens) * usd(price[1]), 1_000_000n))
  }
}

/** Repeats what a case repeats, and prices calls that state no cost by its price list. */
function facts({ prices, calls, runs }: Pick<OpportunityCase, 'prices' | 'calls' | 'runs'>): WorldFacts {
  const expanded = calls.flatMap(({ times, ...call }) => Array.from({ length: times ?? 1 }, () => call))
  const priced = expanded.map((call) => {
    if (call.cost !== undefined) return call
    const cost = repricerOf(prices)({ inputTokens: 0, outputTokens: 0, ...call } as CallRow)?.(call.model ?? '') ?? null
    return { ...call, cost: cost === null ? null : usdOfPicos(cost) }
  })
  return { calls: priced, ...(runs === undefined ? {} : { runs }) }
}

describe('opportunities', () => {
  it.each(CASES)('$name', async (given) => {
    const report = await findOpportunities(worldStore(facts(given)), { ...EVERYTHING, reprice: repricerOf(given.prices) })
    const found = report.opportunities.map((item) => ({
      type: item.type,
      priority: item.priority,
      subject: item.subject,
      currentCost: usdOfPicos(item.currentCost),
      potentialSavings: item.potentialSavings === null ? null : usdOfPicos(item.potentialSavings),
      count: item.calls.count,
      ...(item.calls.unpriced === 0 ? {} : { unpriced: item.calls.unpriced }),
      saving: item.calls.saving,
      models: item.alternativeModels,
    }))
    expect({ opportunities: found, total: usdOfPicos(report.totalPotentialSavings) }).toEqual(given.expect)
  })

  const swap = { 'gpt-4o': ['2.5', '10'], 'gpt-4o-mini': ['0.15', '0.6'] } as const satisfies Prices
  const busy = facts({ prices: swap, calls: [{ times: 300, agent: 'A', model: 'gpt-4o', inputTokens: 1000, outputTokens: 100 }] })

  it('claims a saving only for the calls it has read, and says how many those are', async () => {
    const question = { ...EVERYTHING, reprice: repricerOf(swap) }
    const [whole] = (await findOpportunities(worldStore(busy), question)).opportunities
    const [part] = (await findOpportunities(worldStore(busy), { ...question, examineMax: 30 })).opportunities
    expect(whole?.calls).toMatchObject({ count: 300, examined: 300, saving: 300 })
    expect(part?.calls).toMatchObject({ count: 300, examined: 30, saving: 30 })
    expect(part!.potentialSavings! * 10n).toBe(whole!.potentialSavings)
    expect(whole?.calls.callIds).toHaveLength(CALL_IDS_MAX)
  })

  it('says in words what it found, in numbers that are those of the answer', async () => {
    const { opportunities } = await findOpportunities(worldStore(busy), { ...EVERYTHING, reprice: repricerOf(swap) })
    expect(opportunities.map((item) => item.recommendation)).toEqual([
      'Agent "A" takes 100% of the cost: $1.05 for 300 calls. On gpt-4o-mini, 300 calls of them that cost $1.05 would have cost $0.063, $0.99 less.',
      'Model "gpt-4o" costs $1.05 for 300 calls. Send its 300 small calls to gpt-4o-mini: $0.063 in place of $1.05, $0.99 less.',
    ])
    for (const item of opportunities) expect(item.assumption).not.toBe('')
  })

  it('reads only the time that is asked about', async () => {
    const store = worldStore({ ...busy, runs: [] })
    expect((await findOpportunities(store, { ...EVERYTHING, to: 0, reprice: repricerOf(swap) })).opportunities).toEqual([])
  })
})

describe('whatever the calls are', () => {
  const anyCall = fc.record({
    agent: fc.constantFrom('A', 'B', null),
    model: fc.constantFrom('gpt-4o', 'gpt-4.1', 'gpt-4.1-mini', 'other'),
    runId: fc.constantFrom('good', 'bad', null),
    fingerprint: fc.constantFrom('f', 'g', null),
    success: fc.boolean(),
    inputTokens: fc.integer({ min: 0, max: 6000 }),
    outputTokens: fc.integer({ min: 0, max: 1500 }),
    cost: fc.option(fc.integer({ min: 0, max: 10_000 })),
  })
  const anyPrices = fc.record({ 'gpt-4o-mini': fc.nat(20), 'gpt-4.1-mini': fc.nat(20), 'gpt-4.1-nano': fc.nat(20) }, { requiredKeys: [] })

  it('no saving is above the cost it is saved from, and together they are at most the total and at most their sum', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyCall, { maxLength: 60 }), anyPrices, async (made, priced) => {
        const calls = made.map(({ cost, ...call }) => ({ ...call, cost: cost === null ? null : `0.${String(cost).padStart(6, '0')}` }))
        const prices = Object.fromEntries(Object.entries(priced).map(([model, price]) => [model, [String(price), String(price)] as const]))
        const runs = [
          { runId: 'good', success: true },
          { runId: 'bad', success: false },
        ]
        const report = await findOpportunities(worldStore({ calls, runs }), { ...EVERYTHING, reprice: repricerOf(prices) })
        const savings = report.opportunities.map((item) => item.potentialSavings ?? ZERO)
        for (const item of report.opportunities) {
          expect(item.potentialSavings === null || (item.potentialSavings > ZERO && item.potentialSavings <= item.currentCost)).toBe(true)
        }
        expect(report.totalPotentialSavings <= report.totalCost).toBe(true)
        expect(report.totalPotentialSavings <= sumPicos(savings)).toBe(true)
        for (const saving of savings) expect(report.totalPotentialSavings >= saving).toBe(true)
      }),
      { numRuns: 150 },
    )
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CallFact, ORGANIZATION, worldData } from '../../../../conformance/insights/world.ts'
import { type CallRow, type CallStore, referenceStore } from '../../calls/index.ts'
import { picos, sumPicos } from '../../kernel/index.ts'
import { createCardBook, price } from '../../pricing/index.ts'
import { cardWith } from '../../pricing/test-cards.ts'
import { usageOfRow } from '../opportunities/token-repricer.ts'
import type { Change } from './change.ts'
import type { PostedUsage, PriceUsageAs } from './priced-again.ts'
import { type WhatIfQuestion, whatIfByCalls } from './what-if.ts'
import { whatIfBySums } from './what-if-by-sums.ts'

const NOW = Date.UTC(2026, 1, 1)
const rates = (input: string, output: string) => [
  { meter: 'input', price: input, per: 1_000_000 } as const,
  { meter: 'output', price: output, per: 1_000_000 } as const,
]
const book = createCardBook({
  cards: [
    cardWith({ seller: 'openai', model: 'dear', rates: rates('10', '40') }),
    cardWith({ seller: 'openai', model: 'cheap', rates: rates('1', '4') }),
  ],
})
const priced: PriceUsageAs = (usage, organization, knownAt) => price(usage, book, { organization, knownAt })

const tokens = fc.integer({ min: 0, max: 100_000 })
const call: fc.Arbitrary<CallFact> = fc
  .record({
    model: fc.constantFrom('dear', 'cheap', 'unknown', null),
    agent: fc.constantFrom('a', 'b', null),
    fingerprint: fc.constantFrom('f', 'g', null),
    success: fc.boolean(),
    inputTokens: tokens,
    outputTokens: tokens,
    fee: fc.boolean(),
  })
  .map(({ model, inputTokens, outputTokens, fee, ...rest }) => {
    const rate = model === 'dear' ? 10n : model === 'cheap' ? 1n : null
    const cost = rate === null ? null : rate * (BigInt(inputTokens) + 4n * BigInt(outputTokens)) + (fee ? 7n : 0n)
    return {
      ...rest,
      model,
      inputTokens,
      outputTokens,
      cost: cost === null ? null : `0.${String(cost).padStart(6, '0').slice(-6)}`,
      whole: cost,
    }
  })
  .map(({ whole, ...fact }) => ({
    ...fact,
    cost: whole === null ? null : `${whole / 1_000_000n}.${String(whole % 1_000_000n).padStart(6, '0')}`,
  }))

const everything = { where: [] } as const
const change: fc.Arbitrary<Change> = fc.constantFrom<Change[]>(
  { kind: 'swap_model', from: null, to: 'cheap', seller: null, ...everything },
  { kind: 'swap_model', from: 'dear', to: 'unknown', seller: null, where: [{ dimension: 'agent', in: ['a', null] }] },
  { kind: 'dedupe', withinMs: 3_000, ...everything },
  { kind: 'retries', withinMs: 3_000, ...everything },
  { kind: 'output_cap', tokens: 500, ...everything },
  { kind: 'drop', where: [{ dimension: 'agent', in: ['b'] }] },
  { kind: 'percent', model: null, seller: null, percent: { digits: -25n, scale: 1 }, ...everything },
)

function world(calls: readonly CallFact[]): { store: CallStore; rows: readonly CallRow[] } {
  const data = worldData({ calls })
  return { store: referenceStore(data), rows: data.calls }
}

async function* usagesOf(rows: readonly CallRow[]): AsyncGenerator<PostedUsage & { seq: number }> {
  for (const row of rows) {
    const usage = usageOfRow(row, row.model ?? '')
    if (usage !== null) yield { seq: row.seq, organization: row.organization, usage, knownAt: NOW, attested: false }
  }
}

const questionWith = (changes: readonly Change[]): WhatIfQuestion => ({
  ...{ scope: { organization: ORGANIZATION }, atLeast: 0, throughSeq: Number.MAX_SAFE_INTEGER },
  ...{ changes, zone: 'UTC', pricesAt: 'call', now: NOW },
})
const ask = (calls: readonly CallFact[], changes: readonly Change[]) => {
  const { store, rows } = world(calls)
  return whatIfByCalls(questionWith(changes), { store, usages: () => usagesOf(rows), price: priced })
}

describe('what if', () => {
  it('nothing changes: exactly the posted cost', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(call), async (calls) => {
        const { total, unsaid } = await ask(calls, [])
        const posted = sumPicos(world(calls).rows.map((row) => row.cost ?? picos(0n)))
        expect({ cost: total.cost, posted: total.posted, affected: total.affected, unsaid }).toEqual({
          cost: posted,
          posted,
          affected: 0,
          unsaid: [],
        })
      }),
    )
  })

  it('all calls are dropped: nothing, whatever else is changed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(call), fc.array(change, { maxLength: 3 }), async (calls, changes) => {
        const { total } = await ask(calls, [...changes, { kind: 'drop', where: [] }])
        // What cannot be told apart without a fingerprint is dropped all the same.
        expect({ cost: total.cost, unsaid: total.unsaid }).toEqual({ cost: 0n, unsaid: 0 })
      }),
    )
  })

  it('whatever is changed, the lines add up to the total and no call is lost', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(call), fc.array(change, { maxLength: 3 }), async (calls, changes) => {
        const { total, byModel, byDay, unsaid, unsaidPosted, scaled } = await ask(calls, changes)
        expect(total.calls).toBe(calls.length)
        for (const lines of [byModel, byDay]) {
          for (const sum of ['cost', 'posted'] as const) expect(sumPicos(lines.map((line) => line[sum]))).toBe(total[sum])
          for (const count of ['calls', 'affected', 'unsaid'] as const)
            expect(lines.reduce((so, line) => so + line[count], 0)).toBe(total[count])
        }
        expect(unsaid.reduce((so, { calls: count }) => so + count, 0)).toBe(total.unsaid)
        expect(sumPicos(unsaid.map(({ posted }) => posted))).toBe(unsaidPosted)
        if (unsaidPosted === 0n) expect(scaled).toBe(total.cost)
      }),
    )
  })

  it('sums say what the single calls say, where all of them are explained', async () => {
    const linear = fc.constantFrom<Change[]>(
      { kind: 'swap_model', from: null, to: 'cheap', seller: null, ...everything },
      { kind: 'swap_model', from: 'cheap', to: 'dear', seller: null, where: [{ dimension: 'agent', in: ['a', null] }] },
      { kind: 'drop', where: [{ dimension: 'agent', in: ['b'] }] },
    )
    const explained = call.filter(
      ({ model, cost }) => model !== 'unknown' && model !== null && cost !== null && cost !== undefined && !cost.endsWith('7'),
    )
    const odd = fc.array(explained, { maxLength: 30 })
    await fc.assert(
      fc.asyncProperty(odd, fc.array(linear, { maxLength: 2 }), async (calls, changes) => {
        const single = await ask(calls, changes)
        if (single.total.unsaid > 0) return
        const { store } = world(calls)
        const sums = await whatIfBySums(questionWith(changes), { store, price: priced, hasBrackets: () => false })
        expect(sums.total.cost).toBe(single.total.cost)
        expect(sums.unsaid).toEqual([])
      }),
    )
  })

  it('a call that was unpriced and corrected later costs what the correction says', async () => {
    const calls: CallFact[] = [
      { model: 'dear', callId: 'c', cost: null },
      { adjusts: 'c', cost: '3' },
      { model: 'dear', callId: 'd', cost: '1' },
    ]
    expect((await ask(calls, [])).total).toMatchObject({ calls: 2, unpriced: 0, posted: 4_000_000_000_000n })
  })
})

import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { usd } from '../../../../../conformance/insights/world.ts'
import { picos, sumPicos, usdOfPicos } from '../../../kernel/index.ts'
import { CAUSES, causeOf } from './cause.ts'
import type { ModelUse, TokenRates, Use } from './use.ts'

interface UseFact {
  readonly models: readonly {
    model: string
    calls: number
    failed?: number
    input: number
    cacheRead?: number
    output: number
    cost: string
  }[]
  readonly repeats?: number
  readonly priceTimes?: number
}

interface Case {
  readonly name: string
  readonly before: UseFact
  readonly during: UseFact
  readonly weight?: { readonly of: number; readonly per: number }
  readonly expect: { likely: string | null; share: number; change: string; parts: Record<string, string> }
}

const table: Case[] = JSON.parse(readFileSync(new URL('../../../../../conformance/insights/anomaly-causes.json', import.meta.url), 'utf8'))

/** 1 dollar for a million tokens in, 4 for those out, a tenth from the cache; `dear` costs ten times as much, of `unknown` nothing is known. */
function ratesOf(model: string, times: number): TokenRates | null {
  if (model === 'unknown') return null
  const rate = (dollars: string) => picos(usd(dollars) * BigInt(times) * (model === 'dear' ? 10n : 1n))
  return { input: rate('1'), cacheRead: rate('0.1'), cacheWrite: rate('1.25'), output: rate('4') }
}

function useOf({ models, repeats = 0, priceTimes = 1 }: UseFact): Use {
  const rates = new Map(
    ['a', 'dear', 'unknown'].flatMap((model) => {
      const known = ratesOf(model, priceTimes)
      return known === null ? [] : [[model, known] as const]
    }),
  )
  const uses = models.map(
    ({ model, calls, failed = 0, input, cacheRead = 0, output, cost }): ModelUse => ({
      ...{ model, calls, failed, inputTokens: input, cacheReadTokens: cacheRead, cacheWriteTokens: 0, outputTokens: output },
      cost: usd(cost),
    }),
  )
  return { models: uses, repeats, rates }
}

describe('the cause of a change', () => {
  it('has a table', () => expect(table.length).toBeGreaterThan(15))

  it.each(table)('$name', ({ before, during, weight = { of: 1, per: 1 }, expect: expected }) => {
    const cause = causeOf(useOf(before), useOf(during), { of: BigInt(weight.of), per: BigInt(weight.per) })
    const parts = Object.fromEntries(CAUSES.filter((name) => cause.parts[name] !== 0n).map((name) => [name, usdOfPicos(cause.parts[name])]))
    expect({ likely: cause.likely, share: Number(cause.share.toFixed(6)), change: usdOfPicos(cause.change), parts }).toEqual(expected)
  })
})

const amount = fc.bigInt({ min: 0n, max: 10n ** 19n }).map(picos)
const model = (name: string): fc.Arbitrary<ModelUse> =>
  fc
    .record({
      ...{ model: fc.constant(name), calls: fc.nat(1_000), failed: fc.nat(1_200), inputTokens: fc.nat(1e9), cost: amount },
      ...{ cacheReadTokens: fc.nat(1e9), cacheWriteTokens: fc.nat(1e9), outputTokens: fc.nat(1e9) },
    })
    .map((use) => ({ ...use, failed: Math.min(use.failed, use.calls) }))
const use: fc.Arbitrary<Use> = fc.record({
  models: fc.tuple(model('a'), model('dear'), model('unknown')).chain((models) => fc.subarray(models)),
  repeats: fc.nat(2_000),
  rates: fc.constantFrom(1, 2, 7).map(
    (times) =>
      new Map(
        ['a', 'dear'].flatMap((name) => {
          const known = ratesOf(name, times)
          return known === null ? [] : [[name, known] as const]
        }),
      ),
  ),
})

describe('the parts of a change', () => {
  it('add up to it to the pico, and the largest along it is named', () => {
    fc.assert(
      fc.property(use, use, fc.bigInt({ min: 1n, max: 2_000n }), fc.bigInt({ min: 1n, max: 2_000n }), (before, during, of, per) => {
        const cause = causeOf(before, during, { of, per })
        expect(sumPicos(Object.values(cause.parts))).toBe(cause.change)
        expect(cause.before + cause.change).toBe(sumPicos(during.models.map(({ cost }) => cost)))
        expect(cause.share).toBeGreaterThanOrEqual(0)
        expect(cause.share).toBeLessThanOrEqual(1)
        expect(cause.likely === null).toBe(cause.change === 0n)
        if (cause.likely !== null) expect(cause.parts[cause.likely] > 0n).toBe(cause.change > 0n)
      }),
    )
  })
})

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { usd } from '../../../../conformance/insights/world.ts'
import type { CallRecord } from '../../ledger/index.ts'
import { createCardBook, price, type Rate } from '../../pricing/index.ts'
import { cardWith } from '../../pricing/test-cards.ts'
import { type UsageReport, usageOfReport } from '../../usage/index.ts'
import { addEffects, type CacheEffect, cacheEffectOf, NO_EFFECT } from './cache-effect.ts'

interface Case {
  readonly name: string
  readonly call: Omit<UsageReport, 'at'> & { readonly tags?: Record<string, string>; readonly action?: string; readonly source?: string }
  /** Amounts as text; what is left out is nothing. Null: it has to do with no cache and no embedding. */
  readonly effect: Partial<Record<keyof CacheEffect, number | string>> | null
}

const { cases }: { cases: readonly Case[] } = JSON.parse(
  readFileSync(new URL('../../../../conformance/monitoring/cache-effects.json', import.meta.url), 'utf8'),
)
const AT = Date.UTC(2026, 10, 22)

function rate(meter: Rate['meter'], dollars: string, when?: Rate['when']): Rate {
  return { meter, price: dollars, per: 1_000_000, ...(when === undefined ? {} : { when }) }
}

const ABOVE = { bracket: { basis: 'input_total', op: 'gt', at: 200, mode: 'whole' } } as const
const book = createCardBook({
  cards: [
    cardWith({
      model: 'plain-1',
      rates: [
        rate('input', '2'),
        rate('input.cache_read', '0.5'),
        rate('input.cache_write', '2.5'),
        rate('input.cache_write_1h', '4'),
        rate('output', '10'),
      ],
    }),
    cardWith({ model: 'embed-1', rates: [rate('input', '0.1')] }),
    cardWith({
      model: 'bracket-1',
      rates: [
        rate('input', '1'),
        rate('input', '2', ABOVE),
        rate('input.cache_read', '0.1'),
        rate('input.cache_read', '0.2', ABOVE),
        rate('output', '1'),
      ],
    }),
  ],
})

function effectOf({ call: { tags = {}, action, source = 'api', ...report } }: Pick<Case, 'call'>): CacheEffect | null {
  const usage = usageOfReport({ at: AT, seller: 'acme', ...report })
  if (!usage.ok) throw new Error(usage.error.detail)
  const charge = price(usage.value, book, { knownAt: AT })
  const call = { tags, source, action: action ?? null, usage: usage.value, charge } as unknown as CallRecord
  return cacheEffectOf({ organization: 'acme', call, charge, amount: charge.amount }, (again, organization, knownAt) =>
    price(again, book, { knownAt, organization }),
  )
}

describe('what a call adds to the savings of caches', () => {
  it.each(cases)('$name', (row) => {
    const expected =
      row.effect === null
        ? null
        : {
            ...NO_EFFECT,
            ...Object.fromEntries(Object.entries(row.effect).map(([name, sum]) => [name, typeof sum === 'string' ? usd(sum) : sum])),
          }
    expect(effectOf(row)).toEqual(expected)
  })

  it('adds up', () => {
    const effects = cases.map(effectOf).filter((effect) => effect !== null)
    const total = effects.reduce(addEffects, NO_EFFECT)
    expect(total.hits).toBe(cases.filter(({ call }) => call.tags?.cache?.toLowerCase() === 'hit').length)
    expect(total.semanticSavings).toBe(usd('0.0145'))
    expect(effects.reduceRight(addEffects, NO_EFFECT)).toEqual(total)
  })
})

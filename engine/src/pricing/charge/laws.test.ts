import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { METERS, type Meter } from '../../usage/index.ts'
import { createCardBook } from '../book/book.ts'
import type { Rate } from '../records.ts'
import { cardWith, usageWith } from '../test-cards.ts'
import { price } from './price.ts'

const meter = fc.constantFrom<Meter[]>('input', 'input.cache_read', 'input.cache_write_5m', 'output', 'output.image', 'tool.web_search')
const decimal = fc
  .tuple(fc.nat({ max: 99_999 }), fc.stringMatching(/^\d{0,12}$/))
  .map(([whole, fraction]) => (fraction === '' ? String(whole) : `${whole}.${fraction}`))
const per = fc.constantFrom(1, 60, 1_000, 3_600, 1_000_000, 12_000_000, 3_600_000_000)
const quantity = fc.integer({ min: 1, max: 1_000_000_000 })
const rateCard = fc.uniqueArray(fc.record({ meter, price: decimal, per }), { selector: (rate) => rate.meter, minLength: 1 })
const knownAt = 1_800_000_000_000

/** Exact fractions, written without any of the pricing code. */
function oracle(rates: readonly Rate[], used: ReadonlyMap<Meter, number>): bigint {
  let total = 0n
  for (const [name, count] of used) {
    const rate = rates.find((candidate) => candidate.meter === name)
    if (rate === undefined) continue
    const [whole = '0', fraction = ''] = rate.price.split('.')
    const top = BigInt(whole + fraction) * BigInt(count) * 10n ** 12n
    const bottom = 10n ** BigInt(fraction.length) * BigInt(rate.per)
    const [floor, rest] = [top / bottom, top % bottom]
    const up = rest * 2n > bottom || (rest * 2n === bottom && floor % 2n === 1n)
    total += up ? floor + 1n : floor
  }
  return total
}

describe('laws of a charge', () => {
  it('equals the sum of exact fractions, each rounded once', () => {
    fc.assert(
      fc.property(rateCard, fc.uniqueArray(fc.tuple(meter, quantity), { selector: ([name]) => name, minLength: 1 }), (rates, used) => {
        const charge = price(usageWith(Object.fromEntries(used)), createCardBook({ cards: [cardWith({ rates })] }), { knownAt })
        const priced = new Map(used.filter(([name]) => rates.some((rate) => rate.meter === name)))
        expect(charge.amount ?? 0n).toBe(oracle(rates, priced))
        expect(charge.lines.length + charge.unpriced.length).toBe(used.length)
      }),
    )
  })

  it('does not depend on the order of meters, rates or inferences', () => {
    fc.assert(
      fc.property(rateCard, fc.array(fc.dictionary(meter, quantity), { minLength: 1, maxLength: 4 }), (rates, inferences) => {
        const usage = (list: typeof inferences) =>
          usageWith({}, { inferences: list.map((meters) => ({ model: 'm', kind: 'message' as const, meters, evidence: {} })) })
        const turned = (meters: Record<string, number>) => Object.fromEntries(Object.entries(meters).reverse())
        const one = price(usage(inferences), createCardBook({ cards: [cardWith({ rates })] }), { knownAt })
        const other = price(
          usage(inferences.map(turned).reverse()),
          createCardBook({ cards: [cardWith({ rates: [...rates].reverse() })] }),
          { knownAt },
        )
        expect(other.amount).toBe(one.amount)
        expect(other.status).toBe(one.status)
      }),
    )
  })

  it('grows linearly where no bracket and no rounding is involved', () => {
    fc.assert(
      fc.property(fc.nat({ max: 10_000 }), fc.integer({ min: 1, max: 100_000 }), fc.integer({ min: 1, max: 50 }), (unit, count, times) => {
        const book = createCardBook({ cards: [cardWith({ rates: [{ meter: 'input', price: String(unit), per: 1_000_000 }] })] })
        const once = price(usageWith({ input: count }), book, { knownAt }).amount
        expect(price(usageWith({ input: count * times }), book, { knownAt }).amount).toBe((once ?? 0n) * BigInt(times))
      }),
    )
  })

  it('prices every meter or lists it, whatever the card', () => {
    fc.assert(
      fc.property(rateCard, fc.dictionary(fc.constantFrom(...METERS), quantity), (rates, meters) => {
        const charge = price(usageWith(meters), createCardBook({ cards: [cardWith({ rates })] }), { knownAt })
        const seen = new Set([...charge.lines, ...charge.unpriced].map((entry) => entry.meter))
        expect(seen).toEqual(new Set(Object.keys(meters)))
        if (charge.unpriced.length > 0) expect(['partial', 'unpriced']).toContain(charge.status)
      }),
    )
  })
})

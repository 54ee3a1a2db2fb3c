import { describe, expect, it } from 'vitest'
import { picosOfUsd } from '../kernel/index.ts'
import { createCardBook } from './book/book.ts'
import { dearestCost } from './dearest.ts'
import type { RateCard } from './records.ts'
import { cardWith } from './test-cards.ts'

const at = Date.UTC(2026, 0, 15)
const rates = (input: string, output: string, per = 1_000_000): RateCard['rates'] => [
  { meter: 'input', price: input, per },
  { meter: 'output', price: output, per },
]
const cards = [
  cardWith({ seller: 'acme', model: 'small', rates: rates('1', '2') }),
  cardWith({ seller: 'acme', model: 'large', rates: rates('0.005', '0.009', 1_000) }),
  cardWith({ seller: 'dear', model: 'giant', rates: rates('100', '300') }),
  cardWith({ seller: 'dear', model: 'old', rates: rates('900', '900'), validTo: at }),
  cardWith({ seller: 'dear', model: 'wrong', rates: rates('900', '900'), retractedAt: 1 }),
  cardWith({ seller: 'dear', model: 'euros', rates: rates('900', '900'), currency: 'EUR' }),
  cardWith({ seller: 'dear', model: 'own', rates: rates('900', '900'), organization: 'org' }),
  cardWith({ seller: 'dear', model: 'painter', rates: [{ meter: 'output.image', price: '900', per: 1_000_000 }] }),
]
const book = createCardBook({ cards, aliases: [] })

describe('dearestCost', () => {
  it.each([
    ['the dearest of the seller, whatever a price is for', 'acme', '0.014'],
    ['the dearest of all where the seller has no rates', 'nobody', '0.4'],
    ['only public rates of text in dollars that hold', 'dear', '0.4'],
  ])('takes %s', (_, seller, usd) => {
    expect(dearestCost(book, { seller, inputTokens: 1_000, outputTokens: 1_000, at })).toBe(picosOfUsd(usd))
  })

  it('rounds up to a whole pico-dollar', () => {
    const tiny = createCardBook({ cards: [cardWith({ rates: rates('0.0000000001', '0.0000000001', 1_000) })], aliases: [] })
    expect(dearestCost(tiny, { seller: 'acme', inputTokens: 1, outputTokens: 0, at })).toBe(1n)
  })

  it('is unknown where no rate is', () => {
    expect(dearestCost(createCardBook({ cards: [], aliases: [] }), { seller: 'acme', inputTokens: 1, outputTokens: 1, at })).toBeNull()
  })
})

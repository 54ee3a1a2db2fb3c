import { describe, expect, it } from 'vitest'
import { createCardBook } from './book/book.ts'
import { price } from './charge/price.ts'
import { isListed, listBook } from './list-price.ts'
import { cardWith, usageWith } from './test-cards.ts'

const rates = (price: string) => [{ meter: 'input', price, per: 1_000_000 } as const]
const listed = cardWith({ rates: rates('3') })
const own = cardWith({ organization: 'org', rates: rates('2') })
const contract = cardWith({ rates: rates('1'), source: { kind: 'contract', ref: 'C-1', checkedAt: 0, confidence: 'attested' } })

describe('the list price', () => {
  it('is what a usage costs without an organization’s own rates and without contracts', () => {
    const book = createCardBook({ cards: [listed, own, contract] })
    const usage = usageWith({ input: 1_000_000 })
    const amount = (cards: typeof book, organization: string | null) => price(usage, cards, { organization, knownAt: usage.at }).amount
    expect([amount(book, 'org'), amount(book, null), amount(listBook(book), null)]).toEqual([2n, 1n, 3n].map((usd) => usd * 10n ** 12n))
    expect([listed, own, contract].map(isListed)).toEqual([true, false, false])
  })

  it('is asked of the same book each time, which is the book itself where every card is public', () => {
    const mixed = createCardBook({ cards: [listed, own] })
    expect(listBook(mixed)).toBe(listBook(mixed))
    const open = createCardBook({ cards: [listed] })
    expect(listBook(open)).toBe(open)
  })
})

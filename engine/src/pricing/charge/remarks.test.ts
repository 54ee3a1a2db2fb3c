import { describe, expect, it } from 'vitest'
import { picosOfUsd } from '../../kernel/index.ts'
import { readResponse } from '../../usage/index.ts'
import { createCardBook } from '../book/book.ts'
import type { Charge, RateCard } from '../records.ts'
import { testBook } from '../test-book.ts'
import { cardWith, truthTable, usageWith } from '../test-cards.ts'
import { price } from './price.ts'

const at = Date.UTC(2026, 0, 15)
const knownAt = Date.UTC(2026, 10, 23)
const MTOK = 1_000_000

function codes(charge: Charge): string[] {
  return charge.notes.map((note) => note.code)
}

describe('counters that contradict themselves', () => {
  interface Case {
    readonly name: string
    readonly usage: object
    readonly status: Charge['status']
    readonly usd: string | null
  }
  for (const { name, usage, status, usd } of truthTable<{ cases: readonly Case[] }>('contradictions').cases) {
    it(`${name}: ${status}`, () => {
      const body = JSON.stringify({ object: 'chat.completion', model: 'gpt-4o-mini', choices: [], usage })
      const charge = price(readResponse({ seller: 'openai', at, body }), testBook(), { knownAt })
      expect(charge.status).toBe(status)
      expect(charge.amount).toBe(usd === null ? null : picosOfUsd(usd))
      if (status !== 'exact')
        expect(codes(charge)).toContain(name === 'more cached than prompt' ? 'cache_overlap_clamped' : 'counter_clamped')
    })
  }
})

describe('amounts finer than a pico', () => {
  function attested(amount: string): Charge {
    return price(usageWith({ input: 1 }, { attested: { amount, currency: 'USD', by: 'the seller' } }), createCardBook({ cards: [] }), {
      knownAt,
    })
  }

  it.each([
    ['0.000000000000001', 0n, true],
    ['0.0000000000015', 2n, true],
    ['0.000000000001', 1n, false],
    ['0.0000000000010', 1n, false],
    ['0', 0n, false],
    ['0.00', 0n, false],
  ])('a stated cost of %s is %s picos; said to be rounded: %s', (amount, picos, rounded) => {
    const charge = attested(amount)
    expect(charge).toMatchObject({ status: 'attested', amount: picos })
    expect(codes(charge)).toEqual(rounded ? ['amount_rounded'] : [])
  })

  it('the note names what was stated and what is posted', () => {
    expect(attested('0.000000000000001').notes[0]?.detail).toBe(
      'the seller states 0.000000000000001 USD; amounts are kept to 1e-12 USD, and 0 is posted',
    )
  })

  it('a line that comes to nothing says so; a free one does not', () => {
    const rates = [
      { meter: 'input', price: '0.0000001', per: MTOK },
      { meter: 'output', price: '0', per: MTOK },
    ] as const
    const charge = price(usageWith({ input: 4, output: 4 }), createCardBook({ cards: [cardWith({ rates })] }), { knownAt })
    expect(charge).toMatchObject({ status: 'exact', amount: 0n })
    expect(charge.notes.map((note) => note.detail)).toEqual([
      'input at 0.0000001 USD per 1000000 comes to less than half of 1e-12 USD and was rounded to 0',
    ])
  })
})

describe('own rates beside public ones', () => {
  const listed = cardWith({
    rates: [
      { meter: 'input', price: '3', per: MTOK },
      { meter: 'input.cache_read', price: '0.3', per: MTOK },
      { meter: 'output', price: '15', per: MTOK },
    ],
  })
  const own: RateCard = cardWith({ organization: 'org', seller: '*', rates: [{ meter: 'input', price: '2', per: MTOK }] })

  it('a meter that the own card does not name is priced from the list, and the charge says so', () => {
    const usage = usageWith({ input: MTOK, 'input.cache_read': MTOK })
    const charge = price(usage, createCardBook({ cards: [listed, own] }), { knownAt, organization: 'org' })
    expect(charge).toMatchObject({ status: 'exact', amount: picosOfUsd('2.3') })
    expect(charge.notes).toEqual([
      {
        code: 'list_rate_used',
        detail: "input.cache_read is priced from the public card of acme/m: the organization's own rates do not name it",
      },
    ])
  })

  it('says nothing where the own card names every meter that was used, or there is none', () => {
    const book = createCardBook({ cards: [listed, own] })
    expect(price(usageWith({ input: 5 }), book, { knownAt, organization: 'org' }).notes).toEqual([])
    expect(price(usageWith({ input: 5, output: 5 }), book, { knownAt }).notes).toEqual([])
  })
})

describe('cards without a start date', () => {
  const seen = Date.UTC(2026, 5, 1)
  const source = { kind: 'feed', ref: 'table@1', checkedAt: seen, confidence: 'single' } as const
  const rates = [{ meter: 'input', price: '3', per: MTOK }] as const

  it.each([
    ['a call from before the table was seen', seen - 1, 0, ['card_undated']],
    ['a call from the day it was seen', seen, 0, []],
    ['a dated card', seen - 1, 1, []],
  ])('%s', (_, usedAt, validFrom, expected) => {
    const book = createCardBook({ cards: [cardWith({ source, rates, validFrom })] })
    const charge = price(usageWith({ input: 1 }, { at: usedAt }), book, { knownAt })
    expect(charge.status).toBe('exact')
    expect(codes(charge)).toEqual(expected)
  })

  it('is said once for a card, however many meters it prices', () => {
    const book = createCardBook({ cards: [cardWith({ source, rates: [...rates, { meter: 'output', price: '4', per: MTOK }] })] })
    expect(codes(price(usageWith({ input: 1, output: 1 }, { at: seen - 1 }), book, { knownAt }))).toEqual(['card_undated'])
  })
})

describe('a card without a start date beside one of the time of the call', () => {
  const day = 86_400_000
  const seen = Date.UTC(2026, 5, 1)
  const feed = { kind: 'feed', ref: 'table@1', checkedAt: seen, confidence: 'single' } as const
  const undated = cardWith({
    source: feed,
    rates: [
      { meter: 'input', price: '3', per: MTOK, when: { tier: ['standard'] } },
      { meter: 'input', price: '1', per: MTOK, when: { tier: ['flex'] } },
      { meter: 'input.audio', price: '9', per: MTOK },
    ],
  })
  const rates = [{ meter: 'input', price: '6', per: MTOK, when: { tier: ['standard'] } }] as const
  const charged = (dated: Partial<RateCard>, usedAt: number, organization: string | null = null) =>
    price(
      usageWith({ input: MTOK }, { at: usedAt, context: { tier: 'flex' } }),
      createCardBook({ cards: [undated, cardWith({ rates, ...dated })] }),
      {
        knownAt,
        organization,
      },
    )

  it.each<[string, Partial<RateCard>, number, Charge['status'], readonly string[]]>([
    [
      'the price ended before the table was seen',
      { validFrom: 1, validTo: seen },
      seen - 1,
      'estimated',
      ['card_undated', 'price_changed_since'],
    ],
    ['an end alone says so too', { validTo: seen }, seen - 1, 'estimated', ['card_undated', 'price_changed_since']],
    ['the price began after the table was seen', { validFrom: seen + 1 }, seen + day, 'estimated', ['price_changed_since']],
    ['the price held when the table was seen', { validFrom: 1, validTo: seen + 1 }, seen - 1, 'exact', ['card_undated']],
    ['the price has held ever since', { validFrom: 1 }, seen - 1, 'exact', ['card_undated']],
    ['the price held then, and the call is later', { validFrom: seen }, seen + day, 'exact', []],
    ['the dated card is over', { validFrom: 1, validTo: seen - day }, seen - 1, 'exact', ['card_undated']],
    ['another seller', { seller: 'other', validFrom: 1, validTo: seen }, seen - 1, 'exact', ['card_undated']],
    ['fees of all models', { model: '*', validFrom: 1, validTo: seen }, seen - 1, 'exact', ['card_undated']],
    [
      'a contract does not speak of the list',
      { validFrom: 1, validTo: seen, source: { kind: 'contract', ref: 'c', checkedAt: 0, confidence: 'attested' } },
      seen - 1,
      'exact',
      ['card_undated', 'list_rate_used'],
    ],
    [
      'a table of lower rank',
      { validFrom: 1, validTo: seen, source: { ...feed, kind: 'observed', ref: 'o' } },
      seen - 1,
      'exact',
      ['card_undated'],
    ],
  ])('%s', (_, dated, usedAt, status, expected) => {
    const charge = charged(dated, usedAt)
    expect(charge).toMatchObject({ status, amount: picosOfUsd('1') })
    expect(codes(charge)).toEqual(expected)
  })

  it('an own card is another matter', () => {
    const charge = charged({ organization: 'org', validFrom: 1, validTo: seen }, seen - 1, 'org')
    expect(charge.status).toBe('exact')
    expect(codes(charge)).toEqual(['card_undated', 'list_rate_used'])
  })

  it('says why, and of the meters that it prices only', () => {
    const book = createCardBook({ cards: [undated, cardWith({ rates, validFrom: day, validTo: seen })] })
    const charge = price(usageWith({ input: MTOK, 'input.audio': MTOK }, { at: seen - day }), book, { knownAt })
    expect(charge).toMatchObject({ status: 'estimated', amount: picosOfUsd('15') })
    expect(charge.notes.slice(1)).toEqual([
      {
        code: 'price_changed_since',
        detail:
          'the card of acme/m in force at the time of the call (test) holds from 1970-01-02 to 2026-06-01 and has no rate for input.audio; the card used has no start date and was first seen on 2026-06-01 (table@1), when another price held',
      },
    ])
    expect(price(usageWith({ input: MTOK }, { at: seen - day }), book, { knownAt })).toMatchObject({ status: 'exact', notes: [] })
  })
})

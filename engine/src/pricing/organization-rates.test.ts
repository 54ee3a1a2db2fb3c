import { describe, expect, it } from 'vitest'
import { picosOfUsd } from '../kernel/index.ts'
import { createCardBook } from './book/book.ts'
import { price } from './charge/price.ts'
import { organizationCard, type RateSetting } from './organization-rates.ts'
import type { RateCard } from './records.ts'
import { testBook } from './test-book.ts'
import { usageWith } from './test-cards.ts'

const AT = Date.UTC(2026, 9, 1)

/** Prices of input, output and cache reads, per million tokens unless said otherwise. */
function setting(prices: readonly (number | string)[], changes: Partial<RateSetting> & { readonly per?: number } = {}): RateSetting {
  const { per = 1_000_000, ...rest } = changes
  const meters = ['input', 'output', 'input.cache_read']
  const rates = prices.map((stated, index) => ({ meter: meters[index] ?? '', price: stated, per, path: `/rates/${index}` }))
  return { organization: 'org', setBy: 'admin', at: AT, model: 'gpt-4o', rates, ...rest }
}

function cardOf(...given: Parameters<typeof setting>): RateCard {
  const card = organizationCard(setting(...given))
  if (!card.ok) throw new Error(`a good card was refused: ${card.error.detail}`)
  return card.value
}

function cost(model: string, at: number, cards: readonly RateCard[], seller = 'openai') {
  const usage = usageWith({ input: 1_000_000, 'input.cache_read': 1_000_000 }, { seller, model, at })
  const { cards: listed, aliases } = testBook()
  return price(usage, createCardBook({ cards: [...listed, ...cards], aliases }), { knownAt: at, organization: 'org' })
}

describe("an organization's own rates", () => {
  it('are the same per thousand and per million tokens', () => {
    const perK = cardOf([0.001, 0.01, 0.00125], { per: 1_000 })
    const perM = cardOf([1, 10, '1.25'])
    for (const card of [perK, perM]) expect(cost('gpt-4o', AT, [card]).amount).toBe(picosOfUsd('2.25'))
  })

  it('take effect at once, and not before', () => {
    const card = cardOf(['7', 7, 0])
    expect(cost('gpt-4o', AT, [card]).amount).toBe(picosOfUsd('7'))
    expect(cost('gpt-4o-2024-08-06', AT, [card]).amount).toBe(picosOfUsd('7'))
    expect(cost('openai/gpt-4o', AT, [card], '').amount).toBe(picosOfUsd('7'))
    expect(cost('gpt-4o', AT - 1, [card]).amount).toBe(picosOfUsd('3.75'))
  })

  it('give a private model its price, and an unnamed meter keeps the list price', () => {
    const own = cardOf([1, 1, 1], { model: 'my-llm' })
    const partly = cardOf([1, 1], { model: 'openai/gpt-4o' })
    expect(cost('my-llm', AT, [own], 'in-house')).toMatchObject({ status: 'exact', amount: picosOfUsd('2') })
    expect(cost('gpt-4o', AT, [partly])).toMatchObject({ status: 'exact', amount: picosOfUsd('2.25') })
  })

  it('may change again: the later setting holds', () => {
    const cards = [cardOf([2, 2, 2], { at: AT + 1 }), cardOf([1, 1, 1])]
    expect(cost('gpt-4o', AT + 1, cards).amount).toBe(picosOfUsd('4'))
    expect(cost('gpt-4o', AT, cards).amount).toBe(picosOfUsd('2'))
  })

  it.each<[string, RateSetting, string]>([
    ['below zero', setting([-1]), 'invalid_field /rates/0'],
    ['no number', setting([Number.NaN]), 'invalid_field /rates/0'],
    ['a comma', setting([1, '1,5']), 'invalid_field /rates/1'],
    ['more than 18 decimals', setting(['0.0000000000000000001']), 'invalid_field /rates/0'],
    ['no text', setting(['']), 'invalid_field /rates/0'],
    ['a slip of the decimal point', setting([1, 1_000_000_001]), 'unpublishable_rate /rates/1'],
    ['no rate', setting([]), 'missing_field /input_per_1m'],
    ['a meter that is none', setting([1, 1, 1, 1]), 'invalid_field /rates/3'],
    ['no model', setting([1], { model: '' }), 'invalid_field /model'],
    ['every model', setting([1], { model: '*' }), 'invalid_field /model'],
    ['an end before the beginning', setting([1], { validFrom: AT, validTo: AT }), 'invalid_time /valid_to'],
  ])('are refused for %s, with the path of the field', (_, given, words) => {
    const card = organizationCard(given)
    expect(card.ok ? null : `${card.error.code} ${card.error.path}`).toBe(words)
  })

  it('are taken up to the dearest price that is no slip, and a meter once', () => {
    expect(cardOf([1_000_000_000, 0]).rates.map((rate) => rate.price)).toEqual(['1000000000', '0'])
    const twice = organizationCard(setting([1], { rates: [...setting([1]).rates, { meter: 'input', price: 2, per: 1, path: '/again' }] }))
    expect(twice).toMatchObject({ ok: false, error: { code: 'invalid_field', path: '/again' } })
  })
})

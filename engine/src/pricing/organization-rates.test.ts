import { describe, expect, it } from 'vitest'
import { picosOfUsd } from '../kernel/index.ts'
import { withCards } from './book/book.ts'
import { price } from './charge/price.ts'
import { ratesFromPer1K, ratesFromPer1M } from './organization-rates.ts'
import { testBook } from './test-book.ts'
import { usageWith } from './test-cards.ts'

const setting = { organization: 'org', setBy: 'admin', at: Date.UTC(2026, 9, 1) }
const documented = {
  modelId: 'gpt-4o',
  inputRatePerKTokens: 0.0025,
  outputRatePerKTokens: 0.01,
  cachedInputRatePerKTokens: 0.00125,
  reasoningRatePerKTokens: 0.01,
}

function cost(model: string, at: number, cards: Parameters<typeof withCards>[1], seller = 'openai') {
  const usage = usageWith({ input: 1_000_000, 'input.cache_read': 1_000_000 }, { seller, model, at })
  return price(usage, withCards(testBook(), cards), { knownAt: at, organization: 'org' })
}

describe("an organization's own rates", () => {
  it('are the same card per thousand and per million tokens', () => {
    const perK = ratesFromPer1K({ ...documented, inputRatePerKTokens: 0.001 }, setting)
    const perM = ratesFromPer1M({ model: 'gpt-4o', input: 1, output: 10, cachedInput: 1.25, reasoning: 10 }, setting)
    expect(perK.ok && perM.ok).toBe(true)
    if (!perK.ok || !perM.ok) return
    for (const card of [perK.value, perM.value]) expect(cost('gpt-4o', setting.at, [card]).amount).toBe(picosOfUsd('2.25'))
  })

  it('take effect at once, and not before', () => {
    const card = ratesFromPer1M({ modelId: 'gpt-4o', input: '7', output: 7, cachedInput: 0 }, setting)
    if (!card.ok) throw new Error('a good card was refused')
    expect(cost('gpt-4o', setting.at, [card.value]).amount).toBe(picosOfUsd('7'))
    expect(cost('gpt-4o-2024-08-06', setting.at, [card.value]).amount).toBe(picosOfUsd('7'))
    expect(cost('openai/gpt-4o', setting.at, [card.value], '').amount).toBe(picosOfUsd('7'))
    expect(cost('gpt-4o', setting.at - 1, [card.value]).amount).toBe(picosOfUsd('3.75'))
  })

  it('give a private model its price, and an unnamed meter keeps the list price', () => {
    const own = ratesFromPer1M({ modelId: 'my-llm', input: 1, output: 1, cachedInput: 1 }, setting)
    const partly = ratesFromPer1M({ modelId: 'openai/gpt-4o', input: 1, output: 1 }, setting)
    if (!own.ok || !partly.ok) throw new Error('a good card was refused')
    expect(cost('my-llm', setting.at, [own.value], 'in-house')).toMatchObject({ status: 'exact', amount: picosOfUsd('2') })
    expect(cost('gpt-4o', setting.at, [partly.value])).toMatchObject({ status: 'exact', amount: picosOfUsd('2.25') })
  })

  it('may change again: the later setting holds', () => {
    const first = ratesFromPer1M({ modelId: 'gpt-4o', input: 1, output: 1, cachedInput: 1 }, setting)
    const second = ratesFromPer1M({ modelId: 'gpt-4o', input: 2, output: 2, cachedInput: 2 }, { ...setting, at: setting.at + 1 })
    if (!first.ok || !second.ok) throw new Error('a good card was refused')
    expect(cost('gpt-4o', setting.at + 1, [second.value, first.value]).amount).toBe(picosOfUsd('4'))
    expect(cost('gpt-4o', setting.at, [second.value, first.value]).amount).toBe(picosOfUsd('2'))
  })

  it('are refused with the path of the field', () => {
    const refused = (rates: object) => {
      const result = ratesFromPer1K({ ...documented, ...rates }, setting)
      return result.ok ? null : `${result.error.code} ${result.error.path}`
    }
    expect(refused({ inputRatePerKTokens: -1 })).toBe('invalid_field /inputRatePerKTokens')
    expect(refused({ inputRatePerKTokens: Number.NaN })).toBe('invalid_field /inputRatePerKTokens')
    expect(refused({ outputRatePerKTokens: 1e9 })).toBe('invalid_field /outputRatePerKTokens')
    expect(refused({ outputRatePerKTokens: '1,5' })).toBe('invalid_field /outputRatePerKTokens')
    expect(refused({ outputRatePerKTokens: null })).toBe('missing_field /outputRatePerKTokens')
    expect(refused({ modelId: '' })).toBe('missing_field /modelId')
    expect(refused({ modelId: '*' })).toBe('missing_field /modelId')
    expect(refused({})).toBeNull()
  })
})

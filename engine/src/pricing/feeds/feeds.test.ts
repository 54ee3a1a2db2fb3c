import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { recordedPath, skipReason } from '../../../../conformance/recorded.ts'
import { LIMITS, type Result } from '../../kernel/index.ts'
import { cardProblems } from '../gate/check-card.ts'
import { type FeedReading, priceText } from './feed.ts'
import { readGenaiPrices } from './genai-prices.ts'
import { nameOf, readLitellm } from './litellm.ts'
import { readModelsDev } from './models-dev.ts'

const source = { ref: 'table@1', licence: 'MIT', checkedAt: Date.UTC(2026, 8, 23), recordedAt: 'baseline' } as const

function read(result: Result<FeedReading>): FeedReading {
  if (!result.ok) throw new Error(result.error.detail)
  return result.value
}

describe('untrusted tables', () => {
  for (const [name, reader] of Object.entries({ readGenaiPrices, readLitellm, readModelsDev })) {
    it(`${name} refuses what is not a table`, () => {
      for (const text of ['', '{', 'null', '7', '"x"']) expect(reader(text, source).ok, text).toBe(false)
      const huge = reader(' '.repeat(LIMITS.feedBytesMax + 1), source)
      expect(huge.ok ? null : huge.error.code).toBe('too_large')
    })
  }

  it('never runs an expression of a table, and never takes more names than the literal', () => {
    const hostile = { or: [{ regex: '^(a+)+$' }, { starts_with: 'claude-opus-5' }, { and: [{ equals: 'x' }] }, { equals: 'y' }] }
    const { aliases } = read(
      readGenaiPrices(JSON.stringify([{ id: 'p', models: [{ id: 'm', match: hostile, prices: { input_mtok: 1 } }] }]), source),
    )
    expect(aliases.map((alias) => [alias.name, alias.match])).toEqual([
      ['claude-opus-5', 'equals'],
      ['y', 'equals'],
    ])
  })

  it('reports prices it has no meter for', () => {
    const prices = { input_mtok: 1, moon_phases_kcount: 2, output_mtok: -1, constructor: 3 }
    const { unmapped, cards } = read(readGenaiPrices(JSON.stringify([{ id: 'p', models: [{ id: 'm', match: {}, prices }] }]), source))
    expect(unmapped.map((entry) => [entry.field, entry.reason])).toEqual([
      ['moon_phases_kcount', 'no_meter'],
      ['output_mtok', 'not_a_price'],
      ['constructor', 'no_meter'],
    ])
    expect(cards[0]?.rates.map((rate) => rate.meter)).toEqual(['input'])
  })
})

it('tells a free model from one without a price', () => {
  const models = [
    { id: 'x:free', match: {}, prices: {} },
    { id: 'y', match: {}, prices: {} },
  ]
  const { cards, unmapped } = read(readGenaiPrices(JSON.stringify([{ id: 'p', models }]), source))
  expect(cards.map((card) => [card.model, card.rates[0]?.price])).toEqual([['x:free', '0']])
  expect(unmapped.map((entry) => entry.model)).toEqual(['y'])
})

it('recovers the decimal of a number', () => {
  expect(priceText(2.5e-6, 6)).toBe('2.5')
  expect(priceText(1.3e-7, 6)).toBe('0.13')
  expect(priceText(3.3e-5, 6)).toBe('33')
  expect(priceText(0.08333333333333334)).toBe('0.08333333333333334')
  expect(priceText(0)).toBe('0')
  expect(priceText(1e-21)).toBeNull()
  expect(priceText(-1)).toBeNull()
  expect(priceText(Number.POSITIVE_INFINITY)).toBeNull()
  expect(priceText('abc')).toBeNull()
})

describe('dated entries', () => {
  const prices = [
    { prices: { input_mtok: 1 } },
    { constraint: { type: 'start_date', start_date: '2026-08-17' }, prices: { input_mtok: 2 } },
    { constraint: { type: 'start_date', start_date: '2027-01-01' }, prices: { input_mtok: 4 } },
    { constraint: { type: 'time_of_date', start_time: '01:00:00Z', end_time: '04:00:00Z' }, prices: { input_mtok: 3 } },
  ]
  const { cards, unmapped } = read(readGenaiPrices(JSON.stringify([{ id: 'p', models: [{ id: 'm', match: {}, prices }] }]), source))

  it('close the one before them, but an announced one leaves the present one open', () => {
    expect(cards.map((card) => [card.validFrom, card.validTo, card.recordedAt, card.status])).toEqual([
      [0, Date.UTC(2026, 7, 17), 0, 'active'],
      [Date.UTC(2026, 7, 17), null, Date.UTC(2026, 7, 17), 'active'],
      [Date.UTC(2027, 0, 1), null, source.checkedAt, 'scheduled'],
    ])
  })

  it('have the windows with the entry in force', () => {
    expect(cards.map((card) => card.rates.map((rate) => [rate.price, rate.when?.window?.from]))).toEqual([
      [['1', undefined]],
      [
        ['2', undefined],
        ['3', '01:00:00'],
      ],
      [['4', undefined]],
    ])
    expect(unmapped.map((entry) => entry.reason)).toEqual(['window_without_date'])
  })
})

describe('litellm', () => {
  it('names sellers, models and regions', () => {
    expect(nameOf('azure/eu/gpt-5.1', 'azure')).toEqual({ seller: 'azure', model: 'gpt-5.1', region: 'eu' })
    expect(nameOf('gemini/gemini-2.5-pro', 'gemini')).toEqual({ seller: 'google', model: 'gemini-2.5-pro', region: null })
    expect(nameOf('claude-opus-4@20250514', 'vertex_ai-anthropic_models')).toEqual({
      seller: 'google',
      model: 'claude-opus-4@20250514',
      region: null,
    })
    expect(nameOf('openrouter/openai/gpt-5', 'openrouter')).toEqual({ seller: 'openrouter', model: 'openai/gpt-5', region: null })
    expect(nameOf('dashscope/qwen3-max', 'dashscope')).toEqual({ seller: 'alibaba', model: 'qwen3-max', region: null })
  })

  it('reads tiers, brackets, one-hour writes, search fees and multipliers', () => {
    const entry = {
      litellm_provider: 'openai',
      mode: 'chat',
      input_cost_per_token: 2.5e-6,
      input_cost_per_token_above_272k_tokens: 5e-6,
      input_cost_per_token_flex: 1.25e-6,
      input_cost_per_token_above_272k_tokens_flex: 2.5e-6,
      cache_creation_input_token_cost: 3e-6,
      cache_creation_input_token_cost_above_1hr: 5e-6,
      search_context_cost_per_query: { search_context_size_low: 0.01, search_context_size_medium: 0.01, search_context_size_high: 0.01 },
      regional_processing_uplift_multiplier_eu: 1.1,
      output_cost_per_dream: 1,
      max_tokens: 5,
    }
    const { cards, unmapped } = read(readLitellm(JSON.stringify({ m: entry }), source))
    const text = cards[0]?.rates.map((rate) =>
      `${rate.meter} ${rate.price}/${rate.per} ${rate.when?.tier ?? '-'} ${rate.when?.bracket?.op ?? ''}${rate.when?.bracket?.at ?? ''}`.trim(),
    )
    expect(text).toEqual([
      'input 2.5/1000000 standard',
      'input 5/1000000 standard gte272000',
      'input 1.25/1000000 flex',
      'input 2.5/1000000 flex gte272000',
      'input.cache_write_5m 3/1000000 standard',
      'input.cache_write_1h 5/1000000 standard',
      'tool.web_search 10/1000 -',
    ])
    expect(cards[0]?.modifiers).toEqual([
      { id: 'region-eu', factor: { num: 11, den: 10 }, meters: ['input', 'output'], when: { region: ['eu'] } },
    ])
    expect(unmapped.map((other) => other.field)).toEqual(['output_cost_per_dream'])
  })
})

const skip = skipReason('feeds')
describe.skipIf(skip !== null)(`recorded tables${skip === null ? '' : `: ${skip}`}`, () => {
  const text = (name: string) => readFileSync(recordedPath(`feeds/${name}`) ?? '', 'utf8')

  it('are read whole, into cards without faults', () => {
    for (const [name, reader, least] of [
      ['genai-prices-0.1.8.json', readGenaiPrices, 1_600],
      ['litellm-model-prices.json', readLitellm, 2_400],
      ['models-dev.json', readModelsDev, 4_500],
    ] as const) {
      const { cards } = read(reader(text(name), source))
      expect(cards.length, name).toBeGreaterThan(least)
      expect(
        cards.flatMap((card) => cardProblems(card).map((problem) => `${card.seller} ${card.model} ${problem.code} ${problem.path}`)),
        name,
      ).toEqual([])
    }
  })

  it('tell which price fields have no meter', () => {
    const fields = (name: string, reader: typeof readLitellm) => [
      ...new Set(
        read(reader(text(name), source))
          .unmapped.filter((entry) => entry.reason === 'no_meter')
          .map((entry) => entry.field),
      ),
    ]
    expect(fields('models-dev.json', readModelsDev).sort()).toEqual([
      'cache_input',
      'cached_input',
      'cached_write',
      'citation',
      'image',
      'request',
    ])
    expect(fields('litellm-model-prices.json', readLitellm)).toContain('input_dbu_cost_per_token')
  })
})

import { describe, expect, it } from 'vitest'
import { parseInstant, picosOfUsd } from '../../kernel/index.ts'
import type { Meter, UsageContext } from '../../usage/index.ts'
import { createCardBook } from '../book/book.ts'
import { fxTable } from '../fx.ts'
import type { Charge, FxRate, Rate } from '../records.ts'
import { cardWith, truthTable, usageWith } from '../test-cards.ts'
import { price } from './price.ts'

const knownAt = Date.UTC(2026, 5, 1)
const MTOK = 1_000_000

function charged(rates: readonly Rate[], usage: Parameters<typeof price>[0], options: Partial<Parameters<typeof price>[2]> = {}): Charge {
  return price(usage, createCardBook({ cards: [cardWith({ rates })] }), { knownAt, ...options })
}

describe('selection', () => {
  interface Case {
    readonly meter: Meter
    readonly context?: UsageContext
    readonly usd: string | null
    readonly status: Charge['status']
    readonly why?: string
  }
  const table = truthTable<{ rates: readonly Omit<Rate, 'per'>[]; cases: readonly Case[] }>('selection')
  const rates = table.rates.map((rate): Rate => ({ ...rate, per: MTOK }))
  for (const { meter, context = {}, usd, status, why } of table.cases) {
    it(`${meter} ${JSON.stringify(context)} → ${usd ?? 'no rate'}${why === undefined ? '' : `: ${why}`}`, () => {
      const charge = charged(rates, usageWith({ [meter]: MTOK }, { context }))
      expect(charge.status).toBe(status)
      expect(charge.amount).toBe(usd === null ? null : picosOfUsd(usd))
      expect(charge.unpriced.map((entry) => entry.reason)).toEqual(usd === null ? ['no_rate'] : [])
    })
  }
})

describe('brackets', () => {
  interface Case {
    readonly op: 'gt' | 'gte'
    readonly mode: 'whole' | 'marginal'
    readonly at: number
    readonly input: number
    readonly cacheRead: number
    readonly picos: string
  }
  for (const entry of truthTable<{ cases: readonly Case[] }>('brackets').cases) {
    it(`${entry.input}+${entry.cacheRead} against ${entry.op} ${entry.at} ${entry.mode} → ${entry.picos}`, () => {
      const bracket = { basis: 'input_total', op: entry.op, at: entry.at, mode: entry.mode } as const
      const rates: Rate[] = [
        { meter: 'input', price: '3', per: MTOK },
        { meter: 'input', price: '6', per: MTOK, when: { bracket } },
        { meter: 'input.cache_read', price: '1', per: MTOK },
      ]
      const charge = charged(rates, usageWith({ input: entry.input, 'input.cache_read': entry.cacheRead }))
      const input = charge.lines.filter((line) => line.meter === 'input').reduce((sum, line) => sum + line.amount, 0n)
      expect(input).toBe(BigInt(entry.picos))
      expect(charge.status).toBe('exact')
    })
  }
})

describe('rounding', () => {
  interface Case {
    readonly quantity: number
    readonly price: string
    readonly per: number
    readonly num?: number
    readonly den?: number
    readonly picos: string
  }
  for (const { quantity, price: unit, per, num, den, picos } of truthTable<{ cases: readonly Case[] }>('rounding').cases) {
    it(`${quantity} x ${unit} / ${per}${num === undefined ? '' : ` x ${num}/${den}`} = ${picos}`, () => {
      const modifiers = num === undefined ? [] : [{ id: 'x', factor: { num, den: den ?? 1 }, meters: ['input'], when: {} }]
      const card = cardWith({ rates: [{ meter: 'input', price: unit, per }], modifiers })
      expect(price(usageWith({ input: quantity }), createCardBook({ cards: [card] }), { knownAt }).amount).toBe(BigInt(picos))
    })
  }
})

describe('currencies', () => {
  const table = truthTable<{ rates: readonly FxRate[]; cases: readonly { currency: string; at: string; picos: string | null }[] }>('fx')
  for (const { currency, at, picos } of table.cases) {
    it(`${currency} on ${at} → ${picos ?? 'unpriced'}`, () => {
      const card = cardWith({ currency, rates: [{ meter: 'input', price: '7', per: MTOK }] })
      const usage = usageWith({ input: 10_000 }, { at: parseInstant(at)! })
      const charge = price(usage, createCardBook({ cards: [card] }), { knownAt, fx: fxTable(table.rates) })
      expect(charge.amount).toBe(picos === null ? null : BigInt(picos))
      expect(charge.notes.some((note) => note.code === 'fx_missing')).toBe(picos === null)
      expect(charge.fx?.currency).toBe(picos === null || currency === 'USD' ? undefined : currency)
    })
  }
})

describe('what is not known', () => {
  it('is never zero', () => {
    expect(charged([], usageWith({ input: 5 })).amount).toBeNull()
    expect(charged([{ meter: 'input', price: '1', per: 1 }], usageWith({ input: 5 }, { model: 'other' }))).toMatchObject({
      status: 'unpriced',
      amount: null,
      unpriced: [{ reason: 'no_card' }],
    })
    expect(charged([], usageWith({}, { inferences: [] }))).toMatchObject({ status: 'unpriced', amount: null })
  })

  it('leaves the rest of the amount standing', () => {
    const charge = charged([{ meter: 'input', price: '1', per: 1 }], usageWith({ input: 5, output: 7 }))
    expect(charge).toMatchObject({
      status: 'partial',
      amount: picosOfUsd('5'),
      unpriced: [{ meter: 'output', quantity: 7, reason: 'no_rate' }],
    })
  })

  it('shows a missing quantity as missing', () => {
    const usage = usageWith(
      {},
      { inferences: [{ model: 'm', kind: 'message', meters: { output: 2 }, evidence: { input: 'missing', output: 'assumed' } }] },
    )
    const charge = charged(
      [
        { meter: 'input', price: '1', per: 1 },
        { meter: 'output', price: '1', per: 1 },
      ],
      usage,
    )
    expect(charge).toMatchObject({ status: 'partial', unpriced: [{ meter: 'input', quantity: null, reason: 'quantity_missing' }] })
  })

  it('is a known nothing when the provider refused before any inference', () => {
    const usage = usageWith({}, { inferences: [], outcome: { ok: false, code: 'rate_limited', message: '' } })
    expect(charged([], usage)).toMatchObject({ status: 'exact', amount: 0n, lines: [] })
    expect(charged([], { ...usage, notes: [{ code: 'cut_off', detail: '' }] })).toMatchObject({ status: 'unpriced', amount: null })
  })

  it('is estimated when we counted', () => {
    const usage = usageWith({}, { inferences: [{ model: 'm', kind: 'message', meters: { output: 2 }, evidence: { output: 'assumed' } }] })
    expect(charged([{ meter: 'output', price: '1', per: 1 }], usage)).toMatchObject({ status: 'estimated', amount: picosOfUsd('2') })
  })
})

describe('attested cost', () => {
  const rates: Rate[] = [{ meter: 'input', price: '2', per: MTOK }]
  it('is what is posted, with ours beside it', () => {
    const charge = charged(rates, usageWith({ input: 1000 }, { attested: { amount: '0.0025', currency: 'USD', by: 'seller' } }))
    expect(charge).toMatchObject({ status: 'attested', amount: picosOfUsd('0.0025') })
    expect(charge.attested).toEqual({
      amount: picosOfUsd('0.0025'),
      by: 'seller',
      computed: picosOfUsd('0.002'),
      variance: picosOfUsd('0.0005'),
    })
  })

  it('stands alone where ours would cover a part only', () => {
    const charge = charged(rates, usageWith({ input: 1000, output: 1 }, { attested: { amount: '0.0025', currency: 'USD', by: 'seller' } }))
    expect(charge.attested).toMatchObject({ computed: null, variance: null })
  })

  it('is converted by the rate of the day, or not taken', () => {
    const usage = usageWith({ input: 1000 }, { attested: { amount: '1.5', currency: 'EUR', by: 'seller' } })
    const fx = fxTable([{ currency: 'EUR', usdPerUnit: '1.1', asOf: '2026-01-10', source: 't' }])
    expect(charged(rates, usage, { fx })).toMatchObject({ status: 'attested', amount: picosOfUsd('1.65') })
    expect(charged(rates, usage)).toMatchObject({ status: 'exact', amount: picosOfUsd('0.002') })
  })
})

describe('rank and time', () => {
  const at = Date.UTC(2026, 0, 15)
  const rate = (unit: string): Rate[] => [{ meter: 'input', price: unit, per: 1 }]
  const feed = (ref: string) => ({ kind: 'feed', ref, checkedAt: 0, confidence: 'single' }) as const
  const listed = cardWith({ rates: rate('4'), source: feed('litellm@1') })
  const primary = cardWith({ rates: rate('3'), source: feed('genai-prices@1') })
  const vendor = cardWith({ rates: rate('2') })
  const own = cardWith({ organization: 'org', rates: rate('1'), recordedAt: at - 10, validFrom: at - 10 })
  const of = (cards: Parameters<typeof createCardBook>[0]['cards'], options = {}) =>
    price(usageWith({ input: 1 }, { at }), createCardBook({ cards }), { knownAt: at, ...options }).lines[0]?.price

  it('asks own rates, then the vendor, then the tables in order', () => {
    expect(of([listed, primary, vendor, own], { organization: 'org' })).toBe('1')
    expect(of([listed, primary, vendor, own], { organization: 'someone else' })).toBe('2')
    expect(of([listed, primary, own])).toBe('3')
    expect(of([listed])).toBe('4')
  })

  it('does not know a card before it was recorded or after it was retracted', () => {
    const late = cardWith({ rates: rate('9'), validFrom: 1, recordedAt: at + 5 })
    expect(of([vendor, late], { knownAt: at + 4 })).toBe('2')
    expect(of([vendor, late], { knownAt: at + 5 })).toBe('9')
    expect(of([vendor, { ...late, retractedAt: at + 7 }], { knownAt: at + 7 })).toBe('2')
  })

  it('reads the card that is valid at the time of usage, not at the time of pricing', () => {
    const before = cardWith({ rates: rate('5'), validTo: at })
    const after = cardWith({ rates: rate('6'), validFrom: at + 1 })
    expect(of([before, after])).toBeUndefined()
    expect(of([{ ...before, validTo: at + 1 }, after])).toBe('5')
  })

  it('does not let a later book change an earlier charge', () => {
    const book = createCardBook({ cards: [vendor] })
    const usage = usageWith({ input: 1 }, { at })
    const first = price(usage, book, { knownAt: at })
    price(usage, createCardBook({ cards: [primary] }), { knownAt: at })
    expect(price(usage, book, { knownAt: at })).toEqual(first)
  })
})

it('bills at least the least quantity, in whole steps, at most the most', () => {
  const rates: Rate[] = [{ meter: 'audio.seconds', price: '0.36', per: 3600, quantize: { min: 10, step: 5, max: 60 } }]
  const billed = (seconds: number) => charged(rates, usageWith({ 'audio.seconds': seconds })).lines[0]?.quantity
  expect([1, 10, 11, 59, 500].map(billed)).toEqual([10, 10, 15, 60, 60])
})

it('applies a multiplier once, and not to a rate published for the same fact', () => {
  const region = { id: 'region-us', factor: { num: 11, den: 10 }, meters: ['input'], when: { region: ['us'] } }
  const rates: Rate[] = [
    { meter: 'input', price: '10', per: 1 },
    { meter: 'output', price: '10', per: 1 },
  ]
  const twice = [
    cardWith({ rates, modifiers: [region] }),
    cardWith({ modifiers: [region], source: { kind: 'feed', ref: 'litellm@1', checkedAt: 0, confidence: 'single' } }),
  ]
  const usage = usageWith({ input: 1, output: 1 }, { context: { region: 'us' } })
  expect(price(usage, createCardBook({ cards: twice }), { knownAt }).amount).toBe(picosOfUsd('21'))
  const published: Rate[] = [{ meter: 'input', price: '12', per: 1, when: { region: ['us'] } }]
  expect(
    price(
      usageWith({ input: 1 }, { context: { region: 'us' } }),
      createCardBook({ cards: [cardWith({ rates: published, modifiers: [region] })] }),
      { knownAt },
    ).amount,
  ).toBe(picosOfUsd('12'))
})

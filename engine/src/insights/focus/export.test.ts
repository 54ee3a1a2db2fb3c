import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { collected, FocusWorld, type NamedCells, named } from '../../../../conformance/focus/world.ts'
import { parseDecimal, picosOfUsd } from '../../kernel/index.ts'
import { createCardBook, fxTable, price, type RateCard } from '../../pricing/index.ts'
import { testBook } from '../../pricing/test-book.ts'
import { cardWith, usageWith } from '../../pricing/test-cards.ts'
import type { Meters } from '../../usage/index.ts'
import { isSame, product } from './exact.ts'

const AT = Date.UTC(2026, 0, 15, 10, 20, 30)
const DAY = 86_400_000
const MILLION = 1_000_000

function rate(meter: RateCard['rates'][number]['meter'], price: string, per = MILLION) {
  return { meter, price, per }
}

const DRAFT_CARD = cardWith({
  rates: [rate('input', '3'), rate('output', '15'), rate('input.cache_read', '0.30'), rate('input.cache_write', '3.75')],
})

function column(rows: readonly NamedCells[], name: string): (string | null | undefined)[] {
  return rows.map((row) => row[name])
}

/** Sum of a column, in picos. */
function total(rows: readonly NamedCells[], name: string): bigint {
  return rows.reduce((sum, row) => sum + (picosOfUsd(row[name] ?? 'nothing') ?? 0n), 0n)
}

/** The products that FOCUS asks for, compared without rounding. */
function expectExactProducts(rows: readonly NamedCells[]): void {
  for (const row of rows) {
    for (const [cost, unitPrice] of [
      ['ContractedCost', 'ContractedUnitPrice'],
      ['ListCost', 'ListUnitPrice'],
    ] as const) {
      if (row[unitPrice] === null) continue
      const [factor, quantity, written] = [unitPrice, 'PricingQuantity', cost].map((name) => parseDecimal(row[name] ?? ''))
      expect(isSame(product(factor!, quantity!), written!), `${row.SkuPriceId}: ${cost}`).toBe(true)
    }
  }
}

describe('an export in FOCUS', () => {
  it('writes the example of the working draft: four meters, four rows, to the cent', async () => {
    const world = new FocusWorld(createCardBook({ cards: [DRAFT_CARD] }))
    const meters = { input: 500_000, 'input.cache_write': 2_000_000, 'input.cache_read': 8_000_000, output: 1_500_000 }
    world.call(usageWith(meters, { at: AT }), { agent: 'Writer', team: 'press' })
    const rows = await world.rows()
    expect(rows.map((row) => [row.SkuMeter, row.PricingQuantity, row.PricingUnit, row.ListUnitPrice, row.BilledCost])).toEqual([
      ['Input Tokens', '0.50', '1000000 Tokens', '3.00', '1.50'],
      ['Cache Write Input Tokens', '2.00', '1000000 Tokens', '3.75', '7.50'],
      ['Cache Read Input Tokens', '8.00', '1000000 Tokens', '0.30', '2.40'],
      ['Output Tokens', '1.50', '1000000 Tokens', '15.00', '22.50'],
    ])
    for (const name of ['EffectiveCost', 'ContractedCost', 'ListCost']) expect(column(rows, name)).toEqual(column(rows, 'BilledCost'))
    expect(rows[1]).toMatchObject({
      BillingAccountId: 'org',
      BillingPeriodStart: '2026-01-01T00:00:00Z',
      BillingPeriodEnd: '2026-02-01T00:00:00Z',
      ChargePeriodStart: '2026-01-15T00:00:00Z',
      ChargePeriodEnd: '2026-01-16T00:00:00Z',
      ChargeCategory: 'Usage',
      ChargeClass: null,
      ConsumedQuantity: '2000000.00',
      ConsumedUnit: 'Tokens',
      SubAccountId: 'press',
      SubAccountType: 'Team',
      ResourceId: 'Writer',
      SkuId: 'm-cache-write-input',
      SkuPriceDetails: '{"x_ModelId":"m","x_TokenDirection":"Input","x_TokenCacheAction":"Write","x_ServiceTier":"standard"}',
      x_RequestCount: '1.00',
      x_CostConfidence: 'exact',
    })
  })

  it('gives the draft names of token properties in the draft alone, and the columns of each version', async () => {
    const world = new FocusWorld(createCardBook({ cards: [DRAFT_CARD] }))
    world.call(usageWith({ output: 10 }, { at: AT }))
    const [now] = await world.rows()
    const [draft] = await world.rows({ version: '1.5-draft' })
    const [old] = await world.rows({ version: '1.2' })
    expect(draft?.SkuPriceDetails).toBe('{"ModelId":"m","TokenDirection":"Output","x_ServiceTier":"standard"}')
    expect(Object.keys(draft ?? {})).toEqual(Object.keys(now ?? {}))
    const added = Object.keys(old ?? {}).filter((name) => !Object.hasOwn(now ?? {}, name))
    const dropped = Object.keys(now ?? {}).filter((name) => !Object.hasOwn(old ?? {}, name))
    expect([added, dropped]).toEqual([
      ['ProviderName', 'PublisherName'],
      ['HostProviderName', 'ServiceProviderName'],
    ])
  })

  it('has one row per meter, period and everything it says apart, and counts requests once', async () => {
    const world = new FocusWorld(createCardBook({ cards: [DRAFT_CARD] }))
    const usage = (at: number) => usageWith({ input: 10, output: 20 }, { at })
    for (const at of [AT, AT + 1, AT + 3_600_000, AT + DAY]) world.call(usage(at), { agent: 'A' })
    world.call(usage(AT), { agent: 'B', tags: { env: 'prod' }, costCenter: 'cc-1' })
    const counts = async (granularity: 'day' | 'hour' | 'call') =>
      column(
        (await world.rows({ granularity })).filter((row) => row.SkuMeter === 'Input Tokens'),
        'x_RequestCount',
      )
    expect(await counts('day')).toEqual(['3.00', '1.00', '1.00'])
    expect(await counts('hour')).toEqual(['2.00', '1.00', '1.00', '1.00'])
    expect(await counts('call')).toEqual(['1.00', '1.00', '1.00', '1.00', '1.00'])
    const [call] = await world.rows({ granularity: 'call' })
    expect(call).toMatchObject({ x_CallId: 'call-1', ChargePeriodStart: '2026-01-15T10:00:00Z', ChargePeriodEnd: '2026-01-15T11:00:00Z' })
    const tagged = (await world.rows()).find((row) => row.x_AgentId === 'B')
    expect(tagged?.Tags).toBe('{"cost_center":"cc-1","env":"prod"}')
  })

  it('answers an empty history with no rows, and takes a team or a project as sub account', async () => {
    const world = new FocusWorld(createCardBook({ cards: [DRAFT_CARD] }))
    expect(await world.rows()).toEqual([])
    world.call(usageWith({ input: 1 }, { at: AT }), { project: 'apollo' })
    expect((await world.rows())[0]).toMatchObject({ SubAccountId: null, SubAccountType: null, x_Project: 'apollo' })
    expect((await world.rows({ subAccount: 'project' }))[0]).toMatchObject({ SubAccountId: 'apollo', SubAccountType: 'Project' })
  })

  it('has no row for what has no known price, and counts it instead', async () => {
    const world = new FocusWorld(createCardBook({ cards: [cardWith({ rates: [rate('input', '1')] })] }))
    world.call(usageWith({ input: 7 }, { at: AT, model: 'unheard-of' }))
    world.call(usageWith({ input: 7, output: 5 }, { at: AT }))
    const { rows, tally } = world.export()
    expect(column(named(await collected(rows)), 'SkuMeter')).toEqual(['Input Tokens'])
    expect(tally.leftOut).toMatchObject({ unpricedCalls: 1, partialCalls: 1, unlisted: 0 })
    expect([...tally.leftOut.usage.values()]).toEqual([
      { seller: 'acme', model: 'unheard-of', meter: 'input', reason: 'no_card', calls: 1, quantity: 7n },
      { seller: 'acme', model: 'm', meter: 'output', reason: 'no_rate', calls: 1, quantity: 5n },
    ])
  })
})

describe('corrections in FOCUS', () => {
  const book = createCardBook({ cards: [DRAFT_CARD] })
  const cheaper = createCardBook({ cards: [cardWith({ rates: [rate('input', '2')] })] })
  const usage = usageWith({ input: MILLION }, { at: AT })
  const corrected = price(usage, cheaper, { knownAt: AT })

  it('replace the price while the month is running', async () => {
    const world = new FocusWorld(book)
    world.adjust(world.call(usage), corrected, AT + DAY)
    expect((await world.rows()).map((row) => [row.ChargeClass, row.BilledCost])).toEqual([[null, '2.00']])
  })

  it('take back and charge anew once the month has ended, whose own rows stay', async () => {
    const world = new FocusWorld(book)
    world.adjust(world.call(usage), corrected, Date.UTC(2026, 1, 3))
    const { rows, tally } = world.export()
    const written = named(await collected(rows))
    expect(written.map((row) => [row.ChargeClass, row.BilledCost, row.ConsumedQuantity, row.x_RequestCount, row.x_CorrectedIn])).toEqual([
      [null, '3.00', '1000000.00', '1.00', null],
      ['Correction', '-3.00', '-1000000.00', '0.00', '2026-02'],
      ['Correction', '2.00', '1000000.00', '0.00', '2026-02'],
    ])
    expect(column(written, 'BillingPeriodStart')).toEqual(Array(3).fill('2026-01-01T00:00:00Z'))
    expectExactProducts(written)
    expect(tally.billed).toBe(tally.projected)
  })

  it('of the month before the last one that cancel each other leave no row', async () => {
    const world = new FocusWorld(book)
    const call = world.call(usage)
    world.adjust(call, corrected, Date.UTC(2026, 1, 3))
    world.adjust(call, price(usage, book, { knownAt: AT }), Date.UTC(2026, 1, 4))
    expect((await world.rows()).map((row) => [row.ChargeClass, row.BilledCost])).toEqual([[null, '3.00']])
  })
})

describe('list price and contracted price in FOCUS', () => {
  const own = (facts: Partial<RateCard>) =>
    cardWith({ organization: 'org', source: { kind: 'contract', ref: 'C-7', checkedAt: 0, confidence: 'attested' }, ...facts })

  it('are the public one and the organization’s own', async () => {
    const world = new FocusWorld(createCardBook({ cards: [DRAFT_CARD, own({ rates: [rate('input', '2.40')] })] }))
    world.call(usageWith({ input: MILLION, output: MILLION }, { at: AT }))
    expect((await world.rows()).map((row) => [row.BilledCost, row.ContractedCost, row.ListCost, row.x_ListPriceSource])).toEqual([
      ['2.40', '2.40', '3.00', 'list'],
      ['15.00', '15.00', '15.00', 'list'],
    ])
  })

  it('are equal, and say so, where no public price is known', async () => {
    const world = new FocusWorld(createCardBook({ cards: [own({ rates: [rate('input', '2.40')] })] }))
    world.call(usageWith({ input: MILLION }, { at: AT }))
    expect((await world.rows())[0]).toMatchObject({ ListCost: '2.40', ContractedCost: '2.40', x_ListPriceSource: 'contracted' })
  })

  it('cut a line where the list changes its price within it', async () => {
    const above = { basis: 'input_total', op: 'gt', at: 100_000, mode: 'marginal' } as const
    const list = cardWith({ rates: [rate('input', '3'), { ...rate('input', '6'), when: { bracket: above } }] })
    const world = new FocusWorld(createCardBook({ cards: [list, own({ rates: [rate('input', '2')] })] }))
    world.call(usageWith({ input: 300_000 }, { at: AT }))
    const rows = await world.rows()
    expect(rows.map((row) => [row.PricingQuantity, row.ListUnitPrice, row.ListCost, row.BilledCost])).toEqual([
      ['0.10', '3.00', '0.30', '0.20'],
      ['0.20', '6.00', '1.20', '0.40'],
    ])
    expect(column(rows, 'ConsumedQuantity')).toEqual(['100000.00', '200000.00'])
  })

  it('spread the list amount where the list bills another quantity', async () => {
    const list = cardWith({ rates: [{ ...rate('audio.seconds', '0.01', 1), quantize: { min: 10 } }] })
    const world = new FocusWorld(createCardBook({ cards: [list, own({ rates: [rate('audio.seconds', '0.005', 1)] })] }))
    world.call(usageWith({ 'audio.seconds': 4 }, { at: AT }))
    expect((await world.rows())[0]).toMatchObject({ BilledCost: '0.02', ListCost: '0.10', ListUnitPrice: '0.025', PricingQuantity: '4.00' })
  })
})

describe('what a seller states, in FOCUS', () => {
  const attested = (amount: string) => usageWith({ input: MILLION }, { at: AT, attested: { amount, currency: 'USD', by: 'usage.cost' } })

  it('differs from the rates by a row of its own', async () => {
    const world = new FocusWorld(createCardBook({ cards: [DRAFT_CARD] }))
    world.call(attested('2.9'))
    const rows = await world.rows()
    expect(rows.map((row) => [row.ChargeCategory, row.BilledCost, row.ListCost, row.SkuId])).toEqual([
      ['Usage', '3.00', '3.00', 'm-input'],
      ['Adjustment', '-0.10', '-0.10', null],
    ])
    expect(rows[1]).toMatchObject({
      PricingQuantity: null,
      ConsumedQuantity: null,
      x_PriceSource: 'usage.cost',
      x_CostConfidence: 'attested',
    })
  })

  it('is a cost by the dollar where no rate is known', async () => {
    const world = new FocusWorld(createCardBook({ cards: [] }))
    world.call(attested('0.25'))
    world.call(attested('0.50'))
    const [row, ...more] = await world.rows()
    expect(more).toEqual([])
    expect(row).toMatchObject({
      BilledCost: '0.75',
      PricingQuantity: '0.75',
      PricingUnit: 'US Dollars',
      ListUnitPrice: '1.00',
      ConsumedQuantity: '2.00',
      ConsumedUnit: 'Requests',
    })
  })
})

describe('exactness of an export in FOCUS', () => {
  it('holds for every card of the catalog: each meter, tier, region and side of a bracket', async () => {
    const world = new FocusWorld(testBook())
    for (const card of testBook().cards) {
      const at = card.validTo === null ? Date.UTC(2026, 10, 1) : card.validTo - 1
      const tiers = new Set(card.rates.flatMap(({ when }) => when?.tier ?? ['standard' as const]))
      const regions = new Set([
        undefined,
        ...card.rates.flatMap(({ when }) => when?.region ?? []),
        ...card.modifiers.flatMap(({ when }) => when.region ?? []),
      ])
      const hasBrackets = card.rates.some(({ when }) => when?.bracket !== undefined)
      const meters: Meters = Object.fromEntries(card.rates.map(({ meter }, index) => [meter, 37 + 1_013 * index]))
      for (const tier of tiers) {
        for (const region of regions) {
          for (const many of hasBrackets ? [1, 1_000] : [1]) {
            const used = Object.fromEntries(Object.entries(meters).map(([meter, quantity]) => [meter, quantity * many])) as Meters
            const context = { tier, ...(region === undefined ? {} : { region }) }
            world.call(usageWith(used, { at, seller: card.seller, model: card.model === '*' ? 'any' : card.model, context }))
          }
        }
      }
    }
    const { rows, tally } = world.export({ granularity: 'call' })
    const written = named(await collected(rows))
    // Some cards of a seller are outranked by others; nearly all speak.
    expect(new Set(column(written, 'x_PriceVersion')).size).toBeGreaterThan(0.95 * testBook().cards.length)
    expectExactProducts(written)
    expect(total(written, 'BilledCost')).toBe(tally.projected)
    // Prices by the hour, and one of a third, are no finite decimals for what is counted; all others are written as they are.
    expect(tally.roundedPrices).toBeLessThan(0.01 * written.length)
    // What is billed and the product of price and quantity differ by the rounding of one line at most.
    for (const row of written) {
      const [billed, contracted] = [picosOfUsd(row.BilledCost ?? ''), picosOfUsd(row.ContractedCost ?? '')]
      expect(billed! - contracted! <= 1n && contracted! - billed! <= 1n, `${row.SkuPriceId}: ${row.BilledCost} ${row.ContractedCost}`).toBe(
        true,
      )
    }
  }, 120_000)

  it('holds for any prices, quantities, currencies and cuts, and adds up to the projection to the pico', async () => {
    const anyPrice = fc.tuple(fc.integer({ min: 0, max: 999_999 }), fc.integer({ min: 0, max: 18 })).map(([digits, scale]) => {
      const text = String(digits).padStart(scale + 1, '0')
      return scale === 0 ? text : `${text.slice(0, -scale)}.${text.slice(-scale)}`
    })
    const anyRate = fc.record({ price: anyPrice, per: fc.constantFrom(1, 7, 1_000, 3_600, MILLION, 12 * MILLION) })
    const anyCall = fc.record({
      input: fc.integer({ min: 0, max: 10_000_000 }),
      seconds: fc.integer({ min: 0, max: 100_000 }),
      at: fc.integer({ min: AT - 3 * DAY, max: AT + 3 * DAY }),
      agent: fc.constantFrom('a', 'b', null),
    })
    const fx = fxTable([{ currency: 'EUR', usdPerUnit: '1.0873', asOf: '2026-01-01', source: 'test' }])
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyRate, { minLength: 4, maxLength: 4 }),
        fc.array(anyCall, { maxLength: 30 }),
        fc.boolean(),
        async (rates, calls, isEuro) => {
          const [input, seconds, ownInput, ownSeconds] = rates
          const list = cardWith({
            rates: [
              { meter: 'input', ...input! },
              { meter: 'audio.seconds', ...seconds!, quantize: { min: 10, step: 5 } },
            ],
          })
          const own = cardWith({
            organization: 'org',
            currency: isEuro ? 'EUR' : 'USD',
            rates: [
              { meter: 'input', ...ownInput! },
              { meter: 'audio.seconds', ...ownSeconds! },
            ],
          })
          const world = new FocusWorld(createCardBook({ cards: [list, own] }), fx)
          for (const { at, agent, input: tokens, seconds: heard } of calls)
            world.call(usageWith({ input: tokens, 'audio.seconds': heard }, { at }), { agent })
          const once = world.export()
          const rows = named(await collected(once.rows))
          expectExactProducts(rows)
          expect(total(rows, 'BilledCost')).toBe(once.tally.projected)
          const cut = world.export({}, { groupsMax: 1, stretchRowsMax: 2 })
          const more = named(await collected(cut.rows))
          expect(more.length).toBeGreaterThanOrEqual(rows.length)
          expect([total(more, 'BilledCost'), cut.tally.calls]).toEqual([once.tally.billed, calls.length])
        },
      ),
      { numRuns: 60 },
    )
  })

  it('is that of the filter: parts add up to the whole', async () => {
    const world = new FocusWorld(createCardBook({ cards: [DRAFT_CARD] }))
    for (const [index, team] of ['a', 'b', null, 'a'].entries())
      world.call(usageWith({ input: 100 + index }, { at: AT + index * DAY }), { team })
    const billed = async (team: string | null) => {
      const { rows, tally } = world.export({ where: [{ dimension: 'team', in: [team] }] })
      expect(total(named(await collected(rows)), 'BilledCost')).toBe(tally.projected)
      return tally.projected
    }
    const [whole] = await world.store().aggregate({ scope: { organization: 'org' }, atLeast: 0, groupBy: [] })
    expect((await billed('a')) + (await billed('b')) + (await billed(null))).toBe(whole?.cost)
  })

  it('sees one organization, and the time it is asked for', async () => {
    const world = new FocusWorld(createCardBook({ cards: [DRAFT_CARD] }))
    world.call(usageWith({ input: 1 }, { at: AT }), { organization: 'other' })
    world.call(usageWith({ input: 2 }, { at: AT }))
    world.call(usageWith({ input: 4 }, { at: AT + 1 }))
    expect(column(await world.rows({ from: AT, to: AT + 1 }), 'ConsumedQuantity')).toEqual(['2.00'])
    expect(column(await world.rows({ scope: { allOrganizations: true } }), 'BillingAccountId')).toEqual(['other', 'org'])
  })
})

import { describe, expect, it } from 'vitest'
import { identified } from './book/card-id.ts'
import type { RateCard, RateChange, RateStore } from './index.ts'

/** A place that rates can be kept in, and read again after reopening. */
export interface RatePlace {
  open(): Promise<OpenRates>
  remove(): Promise<void>
}

export interface OpenRates {
  readonly rates: RateStore
  /** How many entries the audit trail has. */
  audits(): Promise<number>
  close(): Promise<void>
}

const change: RateChange = { at: 1, organization: null, actor: 'test', action: 'set_rates', target: 'm', before: null, after: null }
/** No store takes an entry without an actor. */
const unwritable = { ...change, actor: null } as unknown as RateChange

/** What every store of rates must do; run for each of them. */
export function rateStoreSuite(name: string, newPlace: () => Promise<RatePlace>): void {
  const withRates = async (test: (open: OpenRates, place: RatePlace) => Promise<void>): Promise<void> => {
    const place = await newPlace()
    const open = await place.open()
    try {
      await test(open, place)
    } finally {
      await open.close()
      await place.remove()
    }
  }
  describe(`rate store: ${name}`, () => {
    it('keeps cards as they were, shows an organization its own and the public ones, and survives reopening', () =>
      withRates(async ({ rates, close }, place) => {
        const [open, a, b] = [card(null, 1), card('a', 2), card('b', 3)]
        await rates.appendCards([open, a, b], change)
        await rates.appendCards([a], change)
        expect(await rates.listCards('a')).toEqual([open, a])
        expect(await rates.listCards(null)).toEqual([open])
        expect(await rates.organizationsWithRates()).toEqual(['a', 'b'])
        await close()
        const again = await place.open()
        try {
          expect(await again.rates.listCards('b')).toEqual([open, b])
          expect(await again.rates.cardHistory('a', 'openai', 'gpt-4o')).toEqual([open, a])
        } finally {
          await again.close()
        }
      }))

    it('retracts once, also a card that it did not keep, with one entry in the audit trail', () =>
      withRates(async ({ rates, audits }) => {
        const own = card('a', 2)
        expect(await rates.retractCard(own, 10, change)).toEqual({ ...own, retractedAt: 10 })
        expect(await rates.retractCard(own, 20, change)).toEqual({ ...own, retractedAt: 10 })
        expect(await rates.listCards('a')).toEqual([{ ...own, retractedAt: 10 }])
        expect(await audits()).toBe(1)
      }))

    it.each<[string, (rates: RateStore) => Promise<unknown>]>([
      ['a card', (rates) => rates.appendCards([card('a', 2)], unwritable)],
      ['a retraction', (rates) => rates.retractCard(card('a', 2), 10, unwritable)],
      [
        'a currency rate',
        (rates) => rates.appendFxRates([{ currency: 'EUR', usdPerUnit: '1.08', asOf: '2026-11-01', source: 'a' }], unwritable),
      ],
    ])('keeps no trace of %s whose audit entry cannot be written', (_, write) =>
      withRates(async ({ rates, audits }) => {
        await expect(write(rates)).rejects.toThrow()
        expect(await rates.listCards('a')).toEqual([])
        expect(await rates.listFxRates()).toEqual([])
        expect(await audits()).toBe(0)
      }),
    )

    it('lists currency rates in the order in which they came', () =>
      withRates(async ({ rates }) => {
        const first = { currency: 'EUR', usdPerUnit: '1.08', asOf: '2026-11-01', source: 'a' }
        const second = { ...first, usdPerUnit: '1.09' }
        await rates.appendFxRates([first], change)
        await rates.appendFxRates([second], change)
        expect(await rates.listFxRates()).toEqual([first, second])
      }))
  })
}

function card(organization: string | null, recordedAt: number): RateCard {
  return identified({
    organization,
    seller: 'openai',
    model: 'gpt-4o',
    currency: 'USD',
    validFrom: 0,
    validTo: null,
    recordedAt,
    retractedAt: null,
    status: 'active',
    rates: [{ meter: 'input', price: '2.5', per: 1_000_000 }],
    modifiers: [],
    source: { kind: 'manual', ref: 'test', checkedAt: 0, confidence: 'single' },
  })
}

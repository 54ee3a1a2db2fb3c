import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { identified } from '../../pricing/book/card-id.ts'
import type { RateCard, RateChange, RateStore } from '../../pricing/index.ts'
import { openSqlite, type SqliteStores } from './open.ts'

let folder = ''
let stores: SqliteStores

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'purser-rates-'))
  stores = openSqlite({ folder })
})
afterEach(async () => {
  await stores.close()
  rmSync(folder, { recursive: true })
})

const change: RateChange = { at: 1, organization: null, actor: 'test', action: 'set_rates', target: 'm', before: null, after: null }
/** The table does not take an entry without an actor. */
const unwritable = { ...change, actor: null } as unknown as RateChange

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

it('keeps cards as they were, shows an organization its own and the public ones, and survives reopening', async () => {
  const [open, a, b] = [card(null, 1), card('a', 2), card('b', 3)]
  await stores.rates.appendCards([open, a, b], change)
  await stores.rates.appendCards([a], change)
  expect(await stores.rates.listCards('a')).toEqual([open, a])
  expect(await stores.rates.listCards(null)).toEqual([open])
  expect(await stores.rates.organizationsWithRates()).toEqual(['a', 'b'])
  await stores.close()
  stores = openSqlite({ folder })
  expect(await stores.rates.listCards('b')).toEqual([open, b])
  expect(await stores.rates.cardHistory('a', 'openai', 'gpt-4o')).toEqual([open, a])
})

it('retracts once, also a card that it did not keep, with one entry in the audit trail', async () => {
  const own = card('a', 2)
  expect(await stores.rates.retractCard(own, 10, change)).toEqual({ ...own, retractedAt: 10 })
  expect(await stores.rates.retractCard(own, 20, change)).toEqual({ ...own, retractedAt: 10 })
  expect(await stores.rates.listCards('a')).toEqual([{ ...own, retractedAt: 10 }])
  expect(await stores.audit.auditTrail(null, 0, 10)).toHaveLength(1)
})

it.each<[string, (rates: RateStore) => Promise<unknown>]>([
  ['a card', (rates) => rates.appendCards([card('a', 2)], unwritable)],
  ['a retraction', (rates) => rates.retractCard(card('a', 2), 10, unwritable)],
  [
    'a currency rate',
    (rates) => rates.appendFxRates([{ currency: 'EUR', usdPerUnit: '1.08', asOf: '2026-11-01', source: 'a' }], unwritable),
  ],
])('keeps no trace of %s whose audit entry cannot be written', async (_, write) => {
  await expect(write(stores.rates)).rejects.toThrow()
  expect(await stores.rates.listCards('a')).toEqual([])
  expect(await stores.rates.listFxRates()).toEqual([])
  expect(await stores.audit.auditTrail(null, 0, 10)).toEqual([])
})

it('lists currency rates in the order in which they came', async () => {
  const first = { currency: 'EUR', usdPerUnit: '1.08', asOf: '2026-11-01', source: 'a' }
  const second = { ...first, usdPerUnit: '1.09' }
  await stores.rates.appendFxRates([first], change)
  await stores.rates.appendFxRates([second], change)
  expect(await stores.rates.listFxRates()).toEqual([first, second])
})

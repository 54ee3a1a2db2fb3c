import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { identified } from '../../pricing/book/card-id.ts'
import type { RateCard } from '../../pricing/index.ts'
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
  await stores.rates.appendCards([open, a, b])
  await stores.rates.appendCards([a])
  expect(await stores.rates.listCards('a')).toEqual([open, a])
  expect(await stores.rates.listCards(null)).toEqual([open])
  expect(await stores.rates.organizationsWithRates()).toEqual(['a', 'b'])
  await stores.close()
  stores = openSqlite({ folder })
  expect(await stores.rates.listCards('b')).toEqual([open, b])
  expect(await stores.rates.cardHistory('a', 'openai', 'gpt-4o')).toEqual([open, a])
})

it('retracts once, and only within reach', async () => {
  const own = card('a', 2)
  await stores.rates.appendCards([own])
  expect(await stores.rates.retractCard('b', own.id, 10)).toMatchObject({ ok: false, error: { code: 'not_found' } })
  expect(await stores.rates.retractCard('a', own.id, 10)).toEqual({ ok: true, value: { ...own, retractedAt: 10 } })
  expect(await stores.rates.retractCard('a', own.id, 20)).toEqual({ ok: true, value: { ...own, retractedAt: 10 } })
})

it('lists currency rates in the order in which they came', async () => {
  const first = { currency: 'EUR', usdPerUnit: '1.08', asOf: '2026-11-01', source: 'a' }
  const second = { ...first, usdPerUnit: '1.09' }
  await stores.rates.appendFxRates([first])
  await stores.rates.appendFxRates([second])
  expect(await stores.rates.listFxRates()).toEqual([first, second])
})

import { ENDPOINTS } from '@purser/contract'
import { describe, expect, it } from 'vitest'
import { buildCatalog, bundledCatalogFiles } from '../pricing/index.ts'
import { openRateDesk } from './pricing/rate-desk.ts'
import { createRateInvoke, OPERATIONS } from './registry.ts'
import { pricePer } from './wire/rate-card-answer.ts'

describe('the registry', () => {
  it('has every documented operation, with the schemas and permission of its path', () => {
    expect([...OPERATIONS.keys()].sort()).toEqual(ENDPOINTS.map(({ operation }) => operation).sort())
    for (const { operation, input, answer, permission } of ENDPOINTS) {
      expect(OPERATIONS.get(operation)).toMatchObject({ permission, input, answer })
    }
  })

  it('prices by the bundled catalog alone, with nothing opened', async () => {
    const rates = await openRateDesk(buildCatalog(bundledCatalogFiles()).book, null)
    const invoke = createRateInvoke({ now: () => Date.parse('2026-11-22T10:00:00Z'), rates })
    expect(await invoke('price', { model: 'gpt-4o', input_tokens: 1000, output_tokens: 500 })).toMatchObject({
      ok: true,
      value: { charge: { cost: '0.0075', status: 'exact' } },
    })
    expect(await invoke('estimate', { model: 'gpt-4o', input_tokens: 1000, max_output_tokens: 500 })).toMatchObject({
      ok: true,
      value: { expected: { cost: '0.0075' }, worst_case: '0.0075' },
    })
    expect(await invoke('track_call', { model: 'gpt-4o' })).toMatchObject({ ok: false, error: { code: 'not_found' } })
  })
})

describe('the same price for another quantity', () => {
  it.each([
    ['2.5', 1_000_000, '0.0025', '2.5'],
    ['0.15', 1_000, '0.15', '150'],
    ['0', 1_000_000, '0', '0'],
    ['1', 3_600, null, null],
    ['10', 1, '10000', '10000000'],
  ])('%s per %i', (price, per, thousand, million) => {
    expect([pricePer({ price, per }, 1_000n), pricePer({ price, per }, 1_000_000n)]).toEqual([thousand, million])
  })
})

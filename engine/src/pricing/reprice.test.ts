import { describe, expect, it } from 'vitest'
import { picosOfUsd } from '../kernel/index.ts'
import { price } from './charge/price.ts'
import { reprice } from './reprice.ts'
import { testBook } from './test-book.ts'
import { usageWith } from './test-cards.ts'

const day = (month: number, date: number) => Date.UTC(2026, month - 1, date, 12)

describe('re-pricing', () => {
  const write = (at: number) =>
    usageWith({ input: 8, 'input.cache_write': 4012, output: 4 }, { seller: 'openai', model: 'gpt-5.6-sol', at })

  it('follows a price cut that was learnt late, and leaves the posted charge as it is', () => {
    const usage = write(day(8, 22))
    const posted = price(usage, testBook(), { knownAt: day(8, 20) })
    expect(posted.amount).toBe(picosOfUsd('0.025235'))
    const copy = structuredClone(posted)
    const again = reprice(posted, usage, testBook(), day(8, 22))
    // 8 x 4 + 4012 x 5 + 4 x 20 = 20,172 millionths of a dollar.
    expect(again.charge.amount).toBe(picosOfUsd('0.020172'))
    expect(again.difference).toBe(picosOfUsd('-0.005063'))
    expect(again.changed).toBe(true)
    expect(posted).toEqual(copy)
  })

  it('does not touch a call made before the cut', () => {
    const usage = write(day(7, 15))
    const posted = price(usage, testBook(), { knownAt: day(7, 15) })
    expect(posted.amount).toBe(picosOfUsd('0.025235'))
    expect(reprice(posted, usage, testBook(), day(11, 1))).toMatchObject({ difference: 0n, changed: false })
  })

  it('takes back an announced price that was cancelled', () => {
    const usage = usageWith({ input: 1_000_000, output: 1_000_000 }, { seller: 'anthropic', model: 'claude-sonnet-5', at: day(9, 15) })
    const posted = price(usage, testBook(), { knownAt: day(8, 25) })
    expect(posted.lines.map((line) => line.price)).toEqual(['3', '15'])
    const again = reprice(posted, usage, testBook(), day(9, 25))
    expect(again.charge.lines.map((line) => line.price)).toEqual(['2', '10'])
    expect(again.difference).toBe(picosOfUsd('-6'))
  })

  it('posts the whole amount for a call that was unpriced', () => {
    const usage = usageWith({ input: 1_000_000 }, { seller: 'anthropic', model: 'claude-sonnet-5', at: day(9, 15) })
    const posted = { ...price(usage, testBook(), { knownAt: day(9, 25) }), status: 'unpriced' as const, amount: null, lines: [] }
    expect(reprice(posted, usage, testBook(), day(9, 25)).difference).toBe(picosOfUsd('2'))
  })
})

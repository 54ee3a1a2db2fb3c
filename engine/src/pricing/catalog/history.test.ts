import { describe, expect, it } from 'vitest'
import { parseInstant, picosOfUsd } from '../../kernel/index.ts'
import type { Meter, ServiceTier } from '../../usage/index.ts'
import { price } from '../charge/price.ts'
import type { Charge } from '../records.ts'
import { testBook } from '../test-book.ts'
import { truthTable, usageWith } from '../test-cards.ts'

interface Case {
  readonly seller: string
  readonly model: string
  readonly at: string
  readonly tier?: ServiceTier
  readonly usd: { readonly [M in Meter]?: string }
  readonly status: Charge['status']
  readonly notes: readonly string[]
  readonly why?: string
}

const MTOK = 1_000_000
const knownAt = Date.UTC(2026, 10, 23)

describe('prices that have changed', () => {
  for (const { seller, model, at, tier, usd, status, notes, why } of truthTable<{ cases: readonly Case[] }>('history').cases) {
    it(`${model} at ${at}${tier === undefined ? '' : ` (${tier})`} costs ${Object.values(usd).join(', ')}${why === undefined ? '' : `: ${why}`}`, () => {
      const instant = parseInstant(at)
      expect(instant).not.toBeNull()
      const meters = Object.fromEntries(Object.keys(usd).map((meter) => [meter, MTOK]))
      const context = tier === undefined ? {} : { tier }
      const charge = price(usageWith(meters, { seller, model, at: instant!, context }), testBook(), { knownAt })
      expect(Object.fromEntries(charge.lines.map((line) => [line.meter, line.amount]))).toEqual(
        Object.fromEntries(Object.entries(usd).map(([meter, text]) => [meter, picosOfUsd(text)])),
      )
      expect(charge.status).toBe(status)
      expect([...new Set(charge.notes.map((note) => note.code))].sort()).toEqual(notes)
    })
  }

  it('a charge by an undated card says what it does not know', () => {
    const usage = usageWith({ input: 1, output: 1 }, { seller: 'openai', model: 'gpt-4o', at: Date.UTC(2025, 0, 1) })
    expect(price(usage, testBook(), { knownAt }).notes).toEqual([
      {
        code: 'card_undated',
        detail: 'the card of openai/gpt-4o has no start date; its rates were first seen on 2026-09-23 (genai-prices@0.1.8)',
      },
    ])
  })
})

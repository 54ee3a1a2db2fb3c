import { describe, expect, it } from 'vitest'
import { testBook } from '../test-book.ts'
import { truthTable } from '../test-cards.ts'
import { withoutSnapshot } from './names.ts'
import { resolveModel } from './resolve.ts'

interface Case {
  readonly seller: string
  readonly model: string
  readonly card: string | null
  readonly instead?: string
  readonly doubt?: boolean
  readonly why?: string
}

describe('model resolution', () => {
  const { cases } = truthTable<{ cases: readonly Case[] }>('resolution')
  const at = Date.UTC(2026, 9, 1)

  it('has valid and invalid cases', () => {
    expect(cases.filter((entry) => entry.card !== null).length).toBeGreaterThan(25)
    expect(cases.filter((entry) => entry.card === null).length).toBeGreaterThan(10)
  })

  for (const { seller, model, card, instead, doubt, why } of cases) {
    it(`${seller || '(no seller)'} ${model} → ${card ?? 'no card'}${why === undefined ? '' : `: ${why}`}`, () => {
      const found = resolveModel(testBook(), seller, model, at)
      expect(found.listing === null ? null : `${found.listing.seller} ${found.listing.model}`).toBe(card)
      expect(found.instead?.model).toBe(instead)
      expect(found.doubt !== null).toBe(doubt ?? false)
    })
  }

  it('follows a dated pointer only from its date on', () => {
    expect(resolveModel(testBook(), 'mistral', 'mistral-large-latest', Date.UTC(2025, 0, 1)).listing?.model).toBe('mistral-large')
  })

  it('cuts off snapshots only', () => {
    expect(withoutSnapshot('claude-sonnet-4-5@20250929')).toBe('claude-sonnet-4-5')
    for (const name of ['gpt-4o-mini', 'o3', 'gemini-2.5-flash-preview-05-20', 'claude-3-5-haiku-99999999', 'x-2025', 'gpt-4-0613']) {
      expect(withoutSnapshot(name), name).toBeNull()
    }
  })
})

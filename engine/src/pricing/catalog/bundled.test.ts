import { calcPrice } from '@pydantic/genai-prices'
import { describe, expect, it } from 'vitest'
import { vendoredCatalog } from '../../../catalog/vendor.ts'
import { usdNumberOfPicos } from '../../kernel/index.ts'
import { identified } from '../book/card-id.ts'
import { resolveModel } from '../book/resolve.ts'
import { price } from '../charge/price.ts'
import { cardProblems } from '../gate/check-card.ts'
import { testBook } from '../test-book.ts'
import { usageWith } from '../test-cards.ts'
import { buildCatalog, bundledCatalogFiles } from './bundled.ts'

const knownAt = Date.UTC(2026, 10, 1)
const at = Date.UTC(2026, 9, 1)

describe('the bundled catalog', () => {
  it('is what the package gives', () => {
    expect(bundledCatalogFiles().genaiCards === vendoredCatalog()).toBe(true)
  })

  it('stores ids that are the hashes of its cards', () => {
    for (const { id, ...draft } of testBook().cards) expect(identified(draft).id).toBe(id)
  })

  it('has sound cards only', () => {
    const { book } = buildCatalog(bundledCatalogFiles())
    expect(book.cards.length).toBeGreaterThan(1_600)
    expect(
      book.cards.flatMap((card) => cardProblems(card).map((problem) => `${card.seller} ${card.model} ${problem.code} ${problem.path}`)),
    ).toEqual([])
    expect(new Set(book.cards.map((card) => card.id)).size).toBe(book.cards.length)
  })

  it('reports what it could not map', () => {
    const { unmapped } = buildCatalog(bundledCatalogFiles())
    expect([...new Set(unmapped.map((entry) => `${entry.reason} ${entry.field}`))].sort()).toEqual([
      'no_meter input_annotated_document_kpages',
      'no_meter input_text_messages_kcount',
      'not_a_price prices',
      'window_without_date constraint',
    ])
  })

  it('gives the hand-kept cards a source each, and a card of the table to pointers', () => {
    for (const card of testBook().cards) expect(card.source.ref).not.toBe('')
    for (const alias of testBook().aliases) {
      if (alias.doubt !== undefined) expect(resolveModel(testBook(), alias.seller, alias.name, at).listing, alias.name).not.toBeNull()
    }
  })

  it('agrees with the package where both can price: plain calls of plain models', () => {
    const models = [
      ['openai', 'gpt-4o'],
      ['openai', 'gpt-4o-mini'],
      ['openai', 'gpt-4.1'],
      ['openai', 'gpt-5'],
      ['openai', 'gpt-5-mini'],
      ['openai', 'o3'],
      ['openai', 'gpt-5.6-sol'],
      ['anthropic', 'claude-opus-4-5'],
      ['anthropic', 'claude-sonnet-4-6'],
      ['anthropic', 'claude-haiku-4-5'],
      ['anthropic', 'claude-opus-5'],
      ['anthropic', 'claude-sonnet-5'],
      ['google', 'gemini-2.5-flash'],
      ['google', 'gemini-3-flash-preview'],
      ['google', 'gemini-2.5-pro'],
      ['x-ai', 'grok-4'],
      ['x-ai', 'grok-4.5'],
      ['groq', 'openai/gpt-oss-120b'],
      ['moonshotai', 'kimi-k2.6'],
      ['openrouter', 'openai/gpt-4o-mini'],
      ['mistral', 'mistral-medium-latest'],
    ] as const
    for (const [seller, model] of models) {
      for (const input of [0, 12_345, 199_999, 200_000, 200_001, 271_999, 272_000, 400_000]) {
        const usage = usageWith({ input, 'input.cache_read': 1_000, output: 678 }, { seller, model, at })
        const charge = price(usage, testBook(), { knownAt })
        const theirs = calcPrice({ input_tokens: input + 1_000, cache_read_tokens: 1_000, output_tokens: 678 }, model, {
          providerId: seller,
          timestamp: new Date(at),
        })
        expect(charge.status, model).toBe('exact')
        expect(Math.abs(usdNumberOfPicos(charge.amount!) - (theirs?.total_price ?? Number.NaN)), `${model} ${input}`).toBeLessThan(1e-9)
      }
    }
  })
})

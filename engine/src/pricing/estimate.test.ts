import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { picosOfUsd } from '../kernel/index.ts'
import { price } from './charge/price.ts'
import { estimate } from './estimate.ts'
import { testBook } from './test-book.ts'
import { usageWith } from './test-cards.ts'

const at = Date.UTC(2026, 9, 1)
const base = { at, knownAt: at }

describe('estimate', () => {
  it('expects what was said, and holds the worst', () => {
    const result = estimate(
      { ...base, model: 'claude-opus-5', inputTokens: 1_000_000, cachedInputTokens: 1_000_000, maxOutputTokens: 0 },
      testBook(),
    )
    expect(result.expected.amount).toBe(picosOfUsd('0.5'))
    expect(result.worstCase).toBe(picosOfUsd('10'))
  })

  it('is unknown for an unknown model, never zero', () => {
    expect(estimate({ ...base, model: 'no-such-model', inputTokens: 1, maxOutputTokens: 1 }, testBook())).toMatchObject({
      expected: { amount: null },
      worstCase: null,
    })
  })

  it('is the dearest of all ways in which the tokens may be counted, for every model that is sold', () => {
    const book = testBook()
    const sold = [...new Map(book.cards.map((card) => [`${card.seller} ${card.model}`, card])).values()]
    const inputs = ['input', 'input.cache_write_5m', 'input.cache_write_1h', 'input.cache_write'] as const
    for (const { seller, model } of sold) {
      const amounts = inputs.flatMap((input) =>
        (['output', 'output.reasoning'] as const).flatMap((output) => {
          const charge = price(usageWith({ [input]: 250_000, [output]: 1_000 }, { seller, model, at }), book, { knownAt: at })
          return charge.status === 'partial' || charge.amount === null
            ? []
            : [charge.amount, ...charge.alternatives.map(({ amount }) => amount)]
        }),
      )
      const most = amounts.reduce<bigint | null>((dearest, amount) => (dearest === null || amount > dearest ? amount : dearest), null)
      const { worstCase } = estimate({ ...base, seller, model, inputTokens: 250_000, maxOutputTokens: 1_000 }, book)
      expect({ seller, model, worstCase }).toEqual({ seller, model, worstCase: most })
    }
  })

  it('is never below the charge of a call within it', () => {
    const models = ['claude-opus-5', 'claude-sonnet-4-5', 'gpt-5.6-sol', 'gpt-4o', 'gemini-2.5-pro', 'o3', 'grok-4.5']
    fc.assert(
      fc.property(
        fc.constantFrom(...models),
        fc.nat(400_000),
        fc.nat(50_000),
        fc.nat(100),
        fc.nat(100),
        fc.nat(100),
        (model, input, output, read, write, thought) => {
          const cached = Math.floor((input * read) / 100)
          const written = Math.floor(((input - cached) * write) / 100)
          const reasoning = Math.floor((output * thought) / 100)
          const { worstCase } = estimate({ ...base, model, inputTokens: input, maxOutputTokens: output }, testBook())
          const writes = model.startsWith('claude') ? { 'input.cache_write_1h': written } : { input: input - cached }
          const usage = usageWith(
            {
              input: input - cached - written,
              'input.cache_read': cached,
              output: output - reasoning,
              'output.reasoning': reasoning,
              ...writes,
            },
            { seller: '', model, at },
          )
          const charge = price(usage, testBook(), { knownAt: at })
          expect(worstCase! >= charge.amount!).toBe(true)
        },
      ),
    )
  })
})

import { describe, expect, it } from 'vitest'
import { testBook } from '../test-book.ts'
import { modelLimits } from './model-limits.ts'

const limitsOf = modelLimits()

describe('how much a model reads and writes', () => {
  it.each([
    ['gpt-4o', 128_000, 16_384],
    ['GPT-4o', 128_000, 16_384],
    ['gpt-4o-2024-08-06', 128_000, 16_384],
    ['openai/gpt-4o', 128_000, 16_384],
    ['claude-sonnet-4-5-20250929', 200_000, 64_000],
    ['us.anthropic.claude-sonnet-4-5-20250929-v1:0', 200_000, 64_000],
    ['gemini-2.5-pro', 1_048_576, 65_535],
    ['models/gemini-2.5-pro', 1_048_576, 65_535],
    ['text-embedding-3-small', 8_191, null],
    ['my-deployment', null, null],
    ['', null, null],
    ['__proto__', null, null],
  ])('%s', (model, inputTokens, outputTokens) => {
    expect(limitsOf(model)).toEqual({ inputTokens, outputTokens })
  })

  it('is known of most models that OpenAI, Anthropic and Google sell by the token', () => {
    const sold = testBook().cards.filter(
      ({ seller, rates }) => ['openai', 'anthropic', 'google'].includes(seller) && rates.some(({ meter }) => meter === 'output'),
    )
    const models = [...new Set(sold.map(({ model }) => model))]
    const known = models.filter((model) => limitsOf(model).outputTokens !== null)
    expect(models.length).toBeGreaterThan(50)
    expect(known.length / models.length).toBeGreaterThan(0.6)
  })
})

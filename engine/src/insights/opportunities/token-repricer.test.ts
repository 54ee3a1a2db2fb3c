import { describe, expect, it } from 'vitest'
import { type CallFact, usd, worldData } from '../../../../conformance/insights/world.ts'
import type { CallRow } from '../../calls/index.ts'
import { picos } from '../../kernel/index.ts'
import { type PriceUsage, tokenRepricer, usageOfRow } from './token-repricer.ts'

/** A pico per token on `dear`, nothing known of others but `cheap`, which takes half. */
const priceUsage: PriceUsage = ({ inferences, modelServed }) => {
  const tokens = inferences.flatMap(({ meters }) => Object.values(meters)).reduce((sum, quantity) => sum + quantity, 0)
  if (modelServed === 'dear') return picos(BigInt(tokens) * 2n)
  return modelServed === 'cheap' ? picos(BigInt(tokens)) : null
}

function row(fact: CallFact): CallRow {
  const [only] = worldData({
    calls: [{ model: 'dear', inputTokens: 100, cacheReadTokens: 30, cacheWriteTokens: 20, outputTokens: 50, reasoningTokens: 10, ...fact }],
  }).calls
  if (only === undefined) throw new Error('one call was made')
  return only
}

describe('re-pricing from the tokens of a row', () => {
  const reprice = tokenRepricer(priceUsage)

  it('prices the same tokens on the other model', () => {
    expect(reprice(row({ cost: '0.0000000003' }))?.('cheap')).toBe(150n)
  })

  it('prices a call on its own model once, however many models it is compared with', () => {
    const priced: string[] = []
    const onModel = tokenRepricer((usage, organization) => {
      priced.push(usage.modelServed ?? '')
      return priceUsage(usage, organization)
    })(row({ cost: '0.0000000003' }))
    for (const model of ['cheap', 'unknown', 'cheap']) onModel?.(model)
    expect(priced).toEqual(['dear', 'cheap', 'unknown', 'cheap'])
  })

  it.each<[string, CallFact, string]>([
    ['the other model has no price', { cost: '0.0000000003' }, 'unknown'],
    ['the cost holds a fee that tokens do not explain', { cost: '0.0100000003' }, 'cheap'],
    ['the call is unpriced', { cost: null }, 'cheap'],
    ['the usage is missing', { cost: '0.0000000003', usageEvidence: 'missing' }, 'cheap'],
    ['nobody knows the seller', { cost: '0.0000000003', seller: null }, 'cheap'],
    ['nobody knows the model', { cost: '0.0000000003', model: null }, 'cheap'],
    ['the totals contradict each other', { cost: '0.0000000003', cacheReadTokens: 101 }, 'cheap'],
  ])('cannot say when %s', (_why, fact, model) => {
    expect(reprice(row(fact))?.(model) ?? null).toBeNull()
  })

  it('takes the totals apart into meters that do not overlap', () => {
    expect(usageOfRow(row({ cost: '1', tier: 'batch' }), 'cheap')).toMatchObject({
      inferences: [{ meters: { input: 50, 'input.cache_read': 30, 'input.cache_write': 20, output: 40, 'output.reasoning': 10 } }],
      context: { tier: 'batch' },
    })
    expect(usd('0.0000000003')).toBe(300n)
  })
})

import { describe, expect, it } from 'vitest'
import { EVERYTHING, START, worldStore } from '../../../../conformance/insights/world.ts'
import { usdOfPicos, ZERO } from '../../kernel/index.ts'
import { buildCatalog, bundledCatalogFiles, price } from '../../pricing/index.ts'
import { findOpportunities, tokenRepricer } from './index.ts'

describe('opportunities by the bundled catalog', () => {
  const { book } = buildCatalog(bundledCatalogFiles())
  const reprice = tokenRepricer((usage, organization) => {
    const charge = price(usage, book, { organization, knownAt: START + 86_400_000 })
    return charge.status === 'exact' ? charge.amount : null
  })

  it('moves calls to the cheaper sibling at its real rates', async () => {
    const calls = Array.from({ length: 10 }, () => ({ agent: 'A', model: 'gpt-4o', inputTokens: 1000, outputTokens: 500, cost: '0.0075' }))
    const { opportunities, totalPotentialSavings } = await findOpportunities(worldStore({ calls }), { ...EVERYTHING, reprice })
    expect(opportunities.map((item) => [item.type, item.alternativeModels])).toEqual([
      ['expensive_agent', ['gpt-4o-mini']],
      ['expensive_model', ['gpt-4o-mini']],
      ['batch_tier', []],
    ])
    // Half the price, for calls that name nobody who waits; of two savings on a call the larger one counts.
    expect(opportunities.map(({ potentialSavings }) => usdOfPicos(potentialSavings ?? ZERO))).toEqual(['0.0705', '0.0705', '0.0375'])
    // 1,000 tokens at $0.15 and 500 at $0.60 a million are $0.00045 a call.
    expect(usdOfPicos(totalPotentialSavings)).toBe('0.0705')
  })

  it('claims nothing for calls that cost more than their tokens', async () => {
    const calls = Array.from({ length: 10 }, () => ({ agent: 'A', model: 'gpt-4o', inputTokens: 1000, outputTokens: 500, cost: '0.0175' }))
    const { opportunities } = await findOpportunities(worldStore({ calls }), { ...EVERYTHING, reprice })
    expect(opportunities.map((item) => item.potentialSavings)).toEqual([null, null])
  })
})

import type { Picos } from '../../kernel/index.ts'
import { type Meters, SERVICE_TIERS, type ServiceTier, type Usage } from '../../usage/index.ts'
import type { CallToPrice, Repricer } from './opportunity.ts'

/** The price of a usage by the rates of an organization; null unless every meter of it has a rate. */
export type PriceUsage = (usage: Usage, organization: string) => Picos | null

/**
 * Re-prices a call from the token counts of its row. A row has no fees of tools, no brackets of single inferences and no contract: so the call
 * is first priced on its OWN model, and only when that gives its posted cost to the pico do the tokens explain it and the answer on another
 * model mean anything. Otherwise null.
 */
export function tokenRepricer(priceUsage: PriceUsage): Repricer {
  return (row) => {
    if (row.cost === null || row.model === null || row.usageEvidence === 'missing') return null
    const own = usageOfRow(row, row.model)
    if (own === null || priceUsage(own, row.organization) !== row.cost) return null
    return (alternativeModel, otherwise = {}) => {
      const other = usageOfRow({ ...row, ...otherwise }, alternativeModel)
      return other === null ? null : priceUsage(other, row.organization)
    }
  }
}

/** The usage that a row's totals stand for, as one inference of a model; null when the seller is not known or the totals contradict each other. */
export function usageOfRow(row: CallToPrice, model: string): Usage | null {
  const plainInput = row.inputTokens - row.cacheReadTokens - row.cacheWriteTokens
  const plainOutput = row.outputTokens - row.reasoningTokens
  if (row.seller === null || plainInput < 0 || plainOutput < 0) return null
  const meters: Meters = {
    input: plainInput,
    'input.cache_read': row.cacheReadTokens,
    'input.cache_write': row.cacheWriteTokens,
    output: plainOutput,
    'output.reasoning': row.reasoningTokens,
  }
  const used = Object.fromEntries(Object.entries(meters).filter(([, quantity]) => quantity > 0)) satisfies Meters
  const evidence = Object.fromEntries(Object.keys(used).map((meter) => [meter, 'derived' as const]))
  const tier = SERVICE_TIERS.find((name: ServiceTier) => name === row.tier)
  return {
    seller: row.seller,
    modelRequested: model,
    modelServed: model,
    at: row.at,
    inferences: [{ model, kind: 'message', meters: used, evidence }],
    context: tier === undefined ? {} : { tier },
    notes: [],
    outcome: { ok: true },
  }
}

import type { CallQuery } from '../../calls/index.ts'
import { findOpportunities, type OpportunityReport, tokenRepricer } from '../../insights/index.ts'
import type { Services } from '../context.ts'

/** Where money can be saved, by the rates known now. Only exact prices make a saving. */
export function opportunitiesFor(services: Services, query: CallQuery): Promise<OpportunityReport> {
  const knownAt = services.now()
  const reprice = tokenRepricer((usage, organization) => {
    const { status, amount } = services.rates.price(usage, organization, knownAt)
    return status === 'exact' ? amount : null
  })
  return findOpportunities(services.calls, { ...query, reprice })
}

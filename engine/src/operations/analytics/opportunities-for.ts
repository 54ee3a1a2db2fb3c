import type { CallQuery } from '../../calls/index.ts'
import { findOpportunities, type OpportunityReport, type Repricer, tokenRepricer } from '../../insights/index.ts'
import type { Millis } from '../../kernel/index.ts'
import type { Services } from '../context.ts'

/** Where money can be saved, by the rates known now, without what was dismissed. */
export function opportunitiesFor(services: Services, query: CallQuery, dismissed?: ReadonlySet<string>): Promise<OpportunityReport> {
  const reprice = repricerAt(services, services.now())
  return findOpportunities(services.calls, { ...query, reprice, ...(dismissed === undefined ? {} : { dismissed }) })
}

/** Prices calls on other models by the rates known at a time. Only exact prices make a saving. */
export function repricerAt(services: Services, knownAt: Millis): Repricer {
  return tokenRepricer((usage, organization) => {
    const { status, amount } = services.rates.price(usage, organization, knownAt)
    return status === 'exact' ? amount : null
  })
}

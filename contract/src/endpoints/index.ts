import { ADMINISTRATION } from './administration.ts'
import { ALERTS } from './alerts.ts'
import { ANALYTICS } from './analytics.ts'
import { BREAKERS } from './breakers.ts'
import { BUDGETS } from './budgets.ts'
import { CHARGEBACK } from './chargeback.ts'
import type { Endpoint } from './endpoint.ts'
import { FLEET } from './fleet.ts'
import { INVOICES } from './invoices.ts'
import { KEYS } from './keys.ts'
import { MARKET } from './market.ts'
import { PRICING } from './pricing.ts'
import { SCENARIOS } from './scenarios.ts'
import { TRACKING } from './tracking.ts'
import { WALLETS } from './wallets.ts'

export * from './administration.ts'
export * from './alerts.ts'
export * from './analytics.ts'
export * from './breakers.ts'
export * from './budgets.ts'
export * from './chargeback.ts'
export * from './endpoint.ts'
export * from './fleet.ts'
export * from './invoices.ts'
export * from './keys.ts'
export * from './market.ts'
export * from './pricing.ts'
export * from './scenarios.ts'
export * from './tracking.ts'
export * from './wallets.ts'

/** Every path this server documents, in the order of the API document. */
export const ENDPOINTS: readonly Endpoint[] = [
  ...TRACKING,
  ...BUDGETS,
  ...ALERTS,
  ...BREAKERS,
  ...WALLETS,
  ...MARKET,
  ...FLEET,
  ...ANALYTICS,
  ...SCENARIOS,
  ...CHARGEBACK,
  ...INVOICES,
  ...PRICING,
  ...KEYS,
  ...ADMINISTRATION,
]

import { GATEWAY } from '../gateway/endpoints.ts'
import { RECONCILIATION } from '../reconciliation/endpoints.ts'
import { ADMINISTRATION } from './administration.ts'
import { ALERTS } from './alerts.ts'
import { ANALYTICS } from './analytics.ts'
import { ANOMALIES } from './anomalies.ts'
import { BREAKERS } from './breakers.ts'
import { BUDGETS } from './budgets.ts'
import { CHARGEBACK } from './chargeback.ts'
import { EFFICIENCY } from './efficiency.ts'
import type { Endpoint } from './endpoint.ts'
import { FLEET } from './fleet.ts'
import { FOCUS } from './focus.ts'
import { FORECAST } from './forecast.ts'
import { INVOICES } from './invoices.ts'
import { KEYS } from './keys.ts'
import { MARKET } from './market.ts'
import { ACTUATOR } from './monitoring/actuator.ts'
import { MONITORING } from './monitoring/monitoring.ts'
import { PRICING } from './pricing.ts'
import { REPORTING } from './reporting.ts'
import { SCENARIOS } from './scenarios.ts'
import { TRACKING } from './tracking.ts'
import { WALLETS } from './wallets.ts'

export * from '../gateway/endpoints.ts'
export * from './administration.ts'
export * from './alerts.ts'
export * from './analytics.ts'
export * from './anomalies.ts'
export * from './breakers.ts'
export * from './budgets.ts'
export * from './chargeback.ts'
export * from './efficiency.ts'
export * from './endpoint.ts'
export * from './fleet.ts'
export * from './focus.ts'
export * from './forecast.ts'
export * from './invoices.ts'
export * from './keys.ts'
export * from './market.ts'
export * from './monitoring/actuator.ts'
export * from './monitoring/monitoring.ts'
export * from './pricing.ts'
export * from './reporting.ts'
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
  ...GATEWAY,
  ...ANALYTICS,
  ...SCENARIOS,
  ...ANOMALIES,
  ...FOCUS,
  ...RECONCILIATION,
  ...CHARGEBACK,
  ...FORECAST,
  ...EFFICIENCY,
  ...REPORTING,
  ...INVOICES,
  ...MONITORING,
  ...PRICING,
  ...KEYS,
  ...ADMINISTRATION,
  ...ACTUATOR,
]

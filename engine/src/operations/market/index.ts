import type { Operation } from '../operation.ts'
import { listMetricsOperation, submitMetricsOperation } from './metrics.ts'
import { publishServiceOperation, searchServicesOperation, withdrawServiceOperation } from './services.ts'

/** What agents offer each other, and what they say of their work. */
export const MARKET_OPERATIONS: readonly Operation[] = [
  publishServiceOperation,
  searchServicesOperation,
  withdrawServiceOperation,
  submitMetricsOperation,
  listMetricsOperation,
]

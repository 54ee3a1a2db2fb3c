import type { Operation } from '../operation.ts'
import { fundWorkerOperation } from './fund-worker.ts'
import { customerInvoiceOperation } from './invoice.ts'
import { rebalanceBudgetsOperation } from './rebalance.ts'

/** What is done for many agents at once. */
export const FLEET_OPERATIONS: readonly Operation[] = [fundWorkerOperation, rebalanceBudgetsOperation, customerInvoiceOperation]

export { makeBootstrapKey } from './administration/bootstrap-key.ts'
export { type Keyring, loadKeyring } from './authority/keyring.ts'
export { sweepBreakers } from './breakers/sweep-breakers.ts'
export { startSweeper, sweepHolds } from './budgets/sweep.ts'
export {
  type About,
  ANONYMOUS,
  type Caller,
  LOCAL_CALLER,
  type Services,
} from './context.ts'
export { openRateDesk } from './pricing/rate-desk.ts'
export { createInvoke, createRateInvoke, type Invoke, OPERATIONS } from './registry.ts'
export { createRunOrganizations } from './tracking/run-organizations.ts'

export { makeBootstrapKey } from './administration/bootstrap-key.ts'
export { type Keyring, loadKeyring } from './authority/keyring.ts'
export {
  type About,
  ANONYMOUS,
  type Caller,
  type Context,
  LOCAL_CALLER,
  type RateContext,
  type RateServices,
  type Services,
} from './context.ts'
export { mayUse, type Operation } from './operation.ts'
export { openRateDesk, type RateDesk } from './pricing/rate-desk.ts'
export { createInvoke, createRateInvoke, type Invoke, OPERATIONS } from './registry.ts'
export { createRunOrganizations, type RunOrganizations } from './tracking/run-organizations.ts'

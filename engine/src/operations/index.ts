export { makeBootstrapKey } from './administration/keys/bootstrap-key.ts'
export { startAlertKeeper } from './alerts/keep-alerts.ts'
export { watchAnomalies } from './anomalies/index.ts'
export { createKeyUses, type KeyUses, startWritingUses } from './authority/key-uses.ts'
export { type Keyring, loadKeyring } from './authority/keyring.ts'
export { memoryNonces, type SeenNonces } from './authority/seen-nonces.ts'
export { sweepBreakers } from './breakers/sweep-breakers.ts'
export { startSweeper, sweepHolds } from './budgets/sweep.ts'
export {
  type About,
  ANONYMOUS,
  type Caller,
  type Context,
  LOCAL_CALLER,
  SCRAPER,
  type Services,
} from './context.ts'
export { checkText, conformanceText } from './focus/conformance-text.ts'
export * from './gateway/index.ts'
export { openPolicyDesk } from './gateway/policies/index.ts'
export { type ProbeTarget, probeOf } from './monitoring/actuator/probes.ts'
export { priceAgain } from './monitoring/cache/examine.ts'
export { createMeters } from './monitoring/metrics/meters.ts'
export { type Taken, type TelemetryReceiver, telemetryReceiver } from './otlp/index.ts'
export { openRateDesk } from './pricing/rate-desk.ts'
export { createInvoke, createRateInvoke, type Invoke, OPERATIONS } from './registry.ts'
export { Streamed } from './streamed.ts'
export { TextAnswer } from './text-answer.ts'
export type { Asker } from './tools/agent.ts'
export { useEnvelope } from './tools/envelope.ts'
export type { Tool } from './tools/tool.ts'
export { TOOLS } from './tools/tools.ts'
export { createRunOrganizations } from './tracking/run-organizations.ts'

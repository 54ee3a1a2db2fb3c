export { tracker } from './default-tracker.ts'
export type { DeliveryStats } from './delivery/sender.ts'
export type { SigningOptions } from './delivery/sign.ts'
export { fingerprintOf } from './fingerprint.ts'
export { BudgetExhaustedError, CallRefusedError, GuardUnavailableError, type RefusedBy, type RefusingBreaker } from './guard/errors.ts'
export type { GuardedRequest, GuardInput } from './guard/guard.ts'
export type {
  AgentCallInput,
  Attribution,
  ServiceTier,
  SessionEndInput,
  SessionStartInput,
  When,
  WorkflowEndInput,
  WorkflowStartInput,
} from './inputs.ts'
export { observeAnthropic } from './observe/anthropic.ts'
export { callIdOf } from './observe/call.ts'
export type { ObserveOptions } from './observe/observation.ts'
export { type ObserveOpenAIOptions, observeOpenAI } from './observe/openai.ts'
export type { DeliveryError, LossReport, TrackerOptions } from './options.ts'
export { type RunContext, withRun } from './run-context.ts'
export { createTracker, type Tracker } from './tracker.ts'

import { tracker as defaultTracker } from '../default-tracker.ts'
import { fingerprintOf } from '../fingerprint.ts'
import { takeGuardedCall } from '../guard/guarded-call.ts'
import type { Attribution } from '../inputs.ts'
import { type Facts, objectOf } from '../redact.ts'
import { currentRun, merged } from '../run-context.ts'
import type { Tracker } from '../tracker.ts'
import { type Failure, failureOf } from './failure.ts'

/** What observed calls are reported with. Inside `withRun` the context fills in what is left out here. */
export interface ObserveOptions extends Attribution {
  /** Default: the `tracker` made from the environment. */
  readonly tracker?: Tracker | undefined
  readonly agentName?: string | undefined
  readonly workflowId?: string | undefined
  readonly parentCallId?: string | undefined
  readonly action?: string | undefined
  /** Who invoices. Default: known from the client's base URL, else inferred by the server from the model. */
  readonly provider?: string | undefined
  /** False leaves the request's fingerprint out. Default: true. */
  readonly fingerprint?: boolean | undefined
  readonly now?: (() => number) | undefined
}

/** One call being watched. It is reported once, by whichever of these comes first. */
export interface Observation {
  readonly isOpen: boolean
  /** The id of the reported call; null before it is reported. */
  callId(): string | null
  succeed(facts: Facts): void
  /** `facts` hold what the provider had counted by then. Without them only an error that came before any work is known to be free. */
  fail(error: unknown, facts?: Facts): void
}

export interface Watched {
  readonly provider: string | undefined
  /** What observed it. */
  readonly source: string
  readonly request: unknown
}

/**
 * Begins to watch a call: takes the time, the context and the request's fingerprint now, because the caller may change its objects and
 * leave its context before the answer is there.
 */
export function beginObservation(options: ObserveOptions, watched: Watched): Observation {
  const now = options.now ?? Date.now
  const startedAt = now()
  const { tracker = defaultTracker, fingerprint = true, now: _, ...own } = options
  const context = merged(currentRun(), own)
  const request = objectOf(watched.request)
  const model = typeof request?.model === 'string' ? request.model : undefined
  const promptFingerprint = fingerprint && request !== null ? fingerprintOf(request, tracker.fingerprintKey) : null
  const guardedId = takeGuardedCall()
  let callId: string | null = null
  let isOpen = true
  const report = (facts: Facts, failure: Failure | null): void => {
    if (!isOpen) return
    isOpen = false
    callId = tracker.trackAgentCall({
      ...context,
      ...(guardedId === undefined ? {} : { callId: guardedId }),
      model,
      provider: own.provider ?? watched.provider,
      response: facts,
      latencyMs: Math.max(0, now() - startedAt),
      success: failure === null,
      error: failure?.code,
      promptFingerprint: promptFingerprint ?? undefined,
      timestamp: startedAt,
      source: watched.source,
    })
  }
  return {
    get isOpen() {
      return isOpen
    },
    callId: () => callId,
    succeed: (facts) => report(facts, null),
    fail: (error, facts) => {
      const failure = failureOf(error)
      report(facts ?? (failure.isFree ? { error: { code: failure.code } } : {}), failure)
    },
  }
}

/** Runs what serves only the observation: its own faults must never reach the caller. */
export function quietly<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch (error) {
    globalThis.process?.emitWarning?.(`purser: a call could not be observed: ${String(error)}`, { code: 'PURSER_OBSERVE' })
    return undefined
  }
}

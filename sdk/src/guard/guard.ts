import { retryDelayMs } from '../delivery/backoff.ts'
import { type Outcome, send } from '../delivery/transport.ts'
import type { AgentCallInput, Attribution, ServiceTier } from '../inputs.ts'
import { failureOf } from '../observe/failure.ts'
import type { Settings } from '../options.ts'
import { budgetRefusal, callRefusal, GuardUnavailableError } from './errors.ts'
import { type GuardedCall, insideGuard } from './guarded-call.ts'

/** What is known of a call before it is made, and whom it is for. */
export interface GuardInput extends Attribution {
  readonly model: string
  /** Tokens of the request, counted or estimated high. */
  readonly inputTokens: number
  /** The longest answer that you ask the provider for. */
  readonly maxOutputTokens: number
  readonly provider?: string | undefined
  readonly serviceTier?: ServiceTier | undefined
  readonly region?: string | undefined
  readonly agentName?: string | undefined
  readonly workflowId?: string | undefined
  readonly workflowName?: string | undefined
  readonly parentCallId?: string | undefined
  readonly action?: string | undefined
  readonly callId?: string | undefined
  /** Let the call be made with a shorter answer instead of refusing it: see `GuardedRequest.maxOutputTokens`. */
  readonly clamp?: boolean | undefined
  /** How long the money is kept if nothing is heard of the call. Default: 600. */
  readonly ttlSeconds?: number | undefined
  /** Equal for equal requests, see `fingerprintOf`: breakers that end loops of the same call go by it. */
  readonly promptFingerprint?: string | undefined
  /** What to do when a breaker holds the call back. Default: `refuse`. `wait` asks again when the server says, a few times. */
  readonly whenThrottled?: 'refuse' | 'wait' | undefined
  /** What to do when the server cannot be asked. Default: `refuse`. `allow` makes the call unguarded, and reports it. */
  readonly whenUnavailable?: 'refuse' | 'allow' | undefined
}

/** What may be asked of the provider. */
export interface GuardedRequest {
  readonly callId: string
  /** Give it to the provider: less than was asked for when the call was clamped. */
  readonly maxOutputTokens: number
  readonly clamped: boolean
}

/** What a guard needs of its tracker. */
export interface GuardTools {
  readonly settings: Settings
  readonly flush: () => Promise<unknown>
  readonly report: (input: AgentCallInput) => void
  readonly bodyOf: (input: GuardInput, callId: string) => object
}

/**
 * Asks whether a call may be made, makes it, and settles it. Throws `BudgetExhaustedError` when a budget refuses, and `CallRefusedError` when a breaker
 * does or the agent is paused or stopped, before anything is spent, and `GuardUnavailableError` when the server cannot be asked; else what `call` gives or throws. An answer of an observed client is settled from what
 * was observed, also when it is a stream; any other is read as the provider's response.
 */
export async function guardCall<T>(tools: GuardTools, input: GuardInput, call: (request: GuardedRequest) => Promise<T> | T): Promise<T> {
  const { settings } = tools
  const id = input.callId ?? settings.newId()
  const request = settings.enabled ? await authorize(tools, input, id) : unguarded(input, id)
  const guarded: GuardedCall = { id, isReported: false }
  const startedAt = settings.now()
  try {
    const answer = await insideGuard(guarded, () => call(request))
    if (!guarded.isReported) tools.report({ ...callOf(input, id, startedAt, settings.now()), response: answer })
    return answer
  } catch (error) {
    if (!guarded.isReported) await settleFailure(tools, callOf(input, id, startedAt, settings.now()), error)
    throw error
  }
}

const ATTEMPTS = 3

async function authorize(tools: GuardTools, input: GuardInput, id: string): Promise<GuardedRequest> {
  const { settings } = tools
  if (settings.fault !== null) throw new GuardUnavailableError('bad_configuration', settings.fault)
  // What the call inherits from its run must be known to the server first.
  await tools.flush()
  const body = JSON.stringify(tools.bodyOf(input, id))
  for (let attempt = 1; ; attempt++) {
    const outcome = await send(settings, '/v1/finops/calls/authorize', body, new AbortController())
    if (outcome.kind === 'accepted') return grantedOf(outcome.answer, input, id)
    if (outcome.kind === 'refused') throw refusalOf(outcome)
    const held = outcome.kind === 'busy' ? callRefusal(outcome.body) : null
    if (held !== null && (input.whenThrottled !== 'wait' || attempt === ATTEMPTS)) throw held
    if (attempt === ATTEMPTS) return whenAway(input, id, outcome.reason)
    await pause(settings, retryDelayMs(attempt, outcome.afterMs, settings, settings.random))
  }
}

function grantedOf(answer: unknown, input: GuardInput, callId: string): GuardedRequest {
  const { max_output_tokens, clamped } = answer as { max_output_tokens?: unknown; clamped?: unknown }
  return {
    callId,
    maxOutputTokens: typeof max_output_tokens === 'number' ? max_output_tokens : input.maxOutputTokens,
    clamped: clamped === true,
  }
}

function refusalOf({ status, code, detail, body }: Extract<Outcome, { kind: 'refused' }>): Error {
  return budgetRefusal(status, code, detail, body) ?? callRefusal(body) ?? new GuardUnavailableError(code, detail)
}

function whenAway(input: GuardInput, id: string, reason: string): GuardedRequest {
  if (input.whenUnavailable === 'allow') return unguarded(input, id)
  throw new GuardUnavailableError('unavailable', `The server could not be asked: ${reason}.`)
}

function unguarded({ maxOutputTokens }: GuardInput, callId: string): GuardedRequest {
  return { callId, maxOutputTokens, clamped: false }
}

/** A call that is known to have cost nothing gives its money back; of any other it is not known what it cost. */
async function settleFailure(tools: GuardTools, call: AgentCallInput, error: unknown): Promise<void> {
  const failure = failureOf(error)
  if (!failure.isFree) {
    tools.report({ ...call, success: false, error: failure.code })
    return
  }
  if (!tools.settings.enabled) return
  const path = `/v1/finops/calls/${encodeURIComponent(call.callId ?? '')}/void`
  // If this does not arrive, the deadline gives the money back.
  await send(tools.settings, path, JSON.stringify({ reason: failure.code.slice(0, 256) }), new AbortController())
}

function callOf(input: GuardInput, callId: string, startedAt: number, now: number): AgentCallInput {
  return {
    ...input,
    // Bounds of what was asked for, not what was used.
    inputTokens: undefined,
    callId,
    timestamp: startedAt,
    latencyMs: Math.max(0, now - startedAt),
  }
}

function pause({ timers }: Settings, delayMs: number): Promise<void> {
  return new Promise((resolve) => timers.set(resolve, delayMs))
}

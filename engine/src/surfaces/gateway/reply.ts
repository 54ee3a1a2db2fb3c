import type { ServerResponse } from 'node:http'
import { ERRORS, type Millis, type Refusal } from '../../kernel/index.ts'
import type { Passage } from '../../operations/index.ts'
import { decisiveBudget, type ErrorDialect, exceptionHeader, type Failure, failureOf } from './dialects/index.ts'
import type { Gateway } from './gateway.ts'

/** What an error answer is made with. */
export interface Telling {
  readonly dialect: ErrorDialect
  readonly requestId: string
  /** This client takes a refusal by budget for what it is only with this status. */
  readonly budgetStatus: 402 | 403 | 429
  readonly isBedrock: boolean
  readonly now: Millis
}

/** A refusal of ours as an answer of the provider's API. */
export function refusedAnswer(refused: Refusal, telling: Telling): ErrorAnswer {
  const { status } = ERRORS[refused.code]
  return errorAnswer(failureOf(refused, status), telling)
}

export interface ErrorAnswer {
  readonly status: number
  readonly headers: Record<string, string>
  readonly body: string
}

const AGAIN_SECONDS = 5

/**
 * Statuses and headers by which clients of each API stop at once where asking again does not help, and come back where it does. A refusal by budget says when
 * its budget begins anew; it is no challenge to pay.
 */
export function errorAnswer(failure: Failure, { dialect, requestId, budgetStatus, isBedrock, now }: Telling): ErrorAnswer {
  const { kind } = failure
  const status = kind === 'budget' ? budgetStatus : failure.status
  const headers: Record<string, string> = { 'content-type': 'application/json', 'x-request-id': requestId, 'request-id': requestId }
  if (kind === 'budget' || kind === 'denied' || kind === 'identity' || kind === 'request' || kind === 'missing')
    headers['x-should-retry'] = 'false'
  if (kind === 'rate' || kind === 'busy') headers['retry-after'] = String(failure.facts.retry_after_seconds ?? AGAIN_SECONDS)
  if (isBedrock) headers['x-amzn-errortype'] = exceptionHeader(failure)
  const budget = kind === 'budget' ? decisiveBudget(failure) : null
  if (budget !== null) {
    if (typeof budget.budget_id === 'string') headers['x-budget-id'] = budget.budget_id
    if (typeof budget.resets_at === 'string')
      headers['retry-after'] = String(Math.max(1, Math.ceil((Date.parse(budget.resets_at) - now) / 1_000)))
  }
  return { status, headers, body: JSON.stringify(dialect.body({ ...failure, status }, requestId)) }
}

/** Refuses a call that was let in by the door, and counts it among the refusals. */
export function refuse({ services }: Pick<Gateway, 'services'>, response: ServerResponse, refused: Refusal, telling: Telling): void {
  services.meters.refused(refused.code)
  sendError(response, refusedAnswer(refused, telling))
}

export function sendError(response: ServerResponse, { status, headers, body }: ErrorAnswer): void {
  if (response.headersSent || response.destroyed) return
  const bytes = Buffer.from(body)
  response.writeHead(status, { ...headers, 'content-length': String(bytes.length) })
  response.end(bytes)
}

/** What every answer tells of its call. The cost of a stream is not known when its headers are sent: what is held for it is. */
export function callHeaders(
  passage: Passage,
  cost: { readonly costUsd: string | null; readonly status: string } | null,
): Record<string, string> {
  const { callId, heldUsd, tightest, clamped, maxOutputTokens } = passage
  const left = cost === null ? (tightest?.remainingUsd ?? null) : passage.leftAfter(cost.costUsd)
  return {
    'x-purser-call-id': callId,
    ...(heldUsd === null ? {} : { 'x-purser-held-usd': heldUsd }),
    ...(cost === null ? {} : { 'x-purser-cost-usd': cost.costUsd ?? 'unknown', 'x-purser-cost-status': cost.status }),
    ...(tightest === null || left === null ? {} : { 'x-purser-budget-id': tightest.budgetId, 'x-purser-budget-remaining-usd': left }),
    ...(clamped ? { 'x-purser-max-output-tokens': String(maxOutputTokens) } : {}),
  }
}

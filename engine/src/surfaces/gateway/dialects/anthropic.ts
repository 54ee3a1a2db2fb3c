import { budgetFacts, type ErrorDialect, sse } from './dialect.ts'
import type { Failure, FailureKind } from './failure.ts'

const TYPES: { readonly [K in FailureKind]: string } = {
  budget: 'billing_error',
  rate: 'rate_limit_error',
  denied: 'permission_error',
  identity: 'authentication_error',
  request: 'invalid_request_error',
  missing: 'not_found_error',
  busy: 'api_error',
  upstream: 'api_error',
  fault: 'api_error',
}

/** Errors of Anthropic's API: `{"type": "error", "error": {type, message}, "request_id"}`; in a stream as an event `error`. */
export const anthropicDialect: ErrorDialect = {
  body,
  streamEnd: (failure, requestId) => sse(body(failure, requestId), 'error'),
}

function body(failure: Failure, requestId: string) {
  const details = failure.kind === 'budget' ? { details: { error_code: 'enforced_spend_limit_reached', ...budgetFacts(failure) } } : {}
  return { type: 'error', error: { type: TYPES[failure.kind], message: failure.message, ...details }, request_id: requestId }
}

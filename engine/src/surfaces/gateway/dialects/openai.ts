import { budgetFacts, type ErrorDialect, sse } from './dialect.ts'
import type { Failure, FailureKind } from './failure.ts'

const TYPES: { readonly [K in FailureKind]: readonly [type: string, code: string | null] } = {
  // Clients of this API stop at this code, whatever the status is.
  budget: ['insufficient_quota', 'insufficient_quota'],
  rate: ['rate_limit_error', 'rate_limit_exceeded'],
  denied: ['permission_error', null],
  identity: ['invalid_request_error', 'invalid_api_key'],
  request: ['invalid_request_error', null],
  missing: ['invalid_request_error', 'not_found'],
  busy: ['server_error', null],
  upstream: ['server_error', null],
  fault: ['server_error', null],
}

/** Errors of OpenAI's API and of those who copied it: `{"error": {message, type, param, code}}`. A stream is ended by such an object, without `[DONE]`. */
export const openaiDialect: ErrorDialect = {
  body,
  streamEnd: (failure) => sse(body(failure)),
}

/** In the Responses API an error is an event of its own. */
export const openaiResponsesDialect: ErrorDialect = {
  body,
  streamEnd(failure) {
    const { error } = body(failure)
    return sse({ ...error, type: 'error', sequence_number: 0 }, 'error')
  },
}

function body(failure: Failure) {
  const [type, code] = TYPES[failure.kind]
  // That nobody knows a price is no quota: it does not come back by itself.
  const own = failure.code === 'price_unknown' ? failure.code : (code ?? failure.code)
  return { error: { message: failure.message, type, param: null, code: own, ...budgetFacts(failure) } }
}

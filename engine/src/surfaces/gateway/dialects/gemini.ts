import { budgetFacts, type ErrorDialect, sse } from './dialect.ts'
import type { Failure, FailureKind } from './failure.ts'

/** Names of google.rpc.Code. */
const STATUS: { readonly [K in FailureKind]: string } = {
  budget: 'RESOURCE_EXHAUSTED',
  rate: 'RESOURCE_EXHAUSTED',
  denied: 'PERMISSION_DENIED',
  identity: 'UNAUTHENTICATED',
  request: 'INVALID_ARGUMENT',
  missing: 'NOT_FOUND',
  busy: 'UNAVAILABLE',
  upstream: 'UNAVAILABLE',
  fault: 'INTERNAL',
}

/** Errors of Google's APIs: `{"error": {code, message, status}}`, also as an event of a stream. */
export const geminiDialect: ErrorDialect = {
  body,
  streamEnd: (failure) => sse(body(failure)),
}

function body(failure: Failure) {
  const facts = budgetFacts(failure)
  const details =
    Object.keys(facts).length === 0
      ? {}
      : { details: [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: failure.code, ...facts }] }
  return { error: { code: failure.status, message: failure.message, status: STATUS[failure.kind], ...details } }
}

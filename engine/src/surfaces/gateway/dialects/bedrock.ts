import { EventStreamCodec } from '@smithy/eventstream-codec'
import { budgetFacts, type ErrorDialect } from './dialect.ts'
import type { Failure, FailureKind } from './failure.ts'

const EXCEPTIONS: { readonly [K in FailureKind]: string } = {
  budget: 'ServiceQuotaExceededException',
  rate: 'ThrottlingException',
  denied: 'AccessDeniedException',
  identity: 'UnrecognizedClientException',
  request: 'ValidationException',
  missing: 'ResourceNotFoundException',
  busy: 'ServiceUnavailableException',
  upstream: 'ModelErrorException',
  fault: 'InternalServerException',
}

const codec = new EventStreamCodec(
  (bytes) => (typeof bytes === 'string' ? bytes : new TextDecoder().decode(bytes)),
  (text) => new TextEncoder().encode(text),
)

/** Errors of Amazon Bedrock: the exception in `__type`; in its binary event stream a message of the kind `exception`. */
export const bedrockDialect: ErrorDialect = {
  body: (failure) => ({ __type: EXCEPTIONS[failure.kind], message: failure.message, ...budgetFacts(failure) }),
  streamEnd(failure) {
    const name = EXCEPTIONS[failure.kind]
    return codec.encode({
      headers: {
        ':message-type': { type: 'string', value: 'exception' },
        ':exception-type': { type: 'string', value: `${name[0]?.toLowerCase()}${name.slice(1)}` },
        ':content-type': { type: 'string', value: 'application/json' },
      },
      body: new TextEncoder().encode(JSON.stringify({ message: failure.message })),
    })
  },
}

/** Beside the body the name of the exception is in a header, which clients read first. */
export function exceptionHeader(failure: Failure): string {
  return EXCEPTIONS[failure.kind]
}

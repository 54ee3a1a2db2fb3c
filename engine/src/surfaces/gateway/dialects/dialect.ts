import type { Failure } from './failure.ts'

/** How one API says that something is wrong. The shapes are those of its own errors, so that its clients read them without knowing us. */
export interface ErrorDialect {
  /** The JSON body of an answer that is an error. */
  body(failure: Failure, requestId: string): unknown
  /** What ends a stream that has begun, with the reason; in the framing of that API. */
  streamEnd(failure: Failure, requestId: string): Uint8Array
}

/** What a program finds of a refusal by budget beside the words. */
export function budgetFacts({ facts, code }: Failure): Record<string, unknown> {
  return Object.keys(facts).length === 0 ? {} : { purser: { code, ...facts } }
}

export function sse(data: unknown, event?: string): Uint8Array {
  return new TextEncoder().encode(`${event === undefined ? '' : `event: ${event}\n`}data: ${JSON.stringify(data)}\n\n`)
}

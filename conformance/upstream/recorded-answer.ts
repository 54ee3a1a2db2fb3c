import { bytesAsAsked } from './asked-usage.ts'
import type { Cassette } from './cassette.ts'

/** What a provider says before it is told to fail. */
export interface RecordedAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** They say how the recorded bytes travelled, which these bytes do not. */
const OF_THE_CONNECTION = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'content-length',
  'content-encoding',
  'date',
  'alt-svc',
])

/** What the provider of a recording answers to this request. */
export function recordedAnswer(cassette: Cassette, asked: Readonly<Record<string, unknown>>): RecordedAnswer {
  const body = bytesAsAsked(cassette, asked)
  const recorded = Object.entries(cassette.headers ?? {}).filter(([name]) => !OF_THE_CONNECTION.has(name))
  return { status: cassette.status, headers: { 'content-type': typeOf(body), ...Object.fromEntries(recorded) }, body }
}

/** Some recordings have no headers. */
function typeOf(body: Buffer): string {
  return /^(?:data|event|:)/.test(body.toString('utf8', 0, 8)) ? 'text/event-stream' : 'application/json'
}

/** What is said where no recording fits. */
export function notRecorded(method: string, path: string): RecordedAnswer {
  const error = { message: `nothing was recorded for ${method} ${path}`, type: 'invalid_request_error', param: null, code: 'not_recorded' }
  return { status: 404, headers: { 'content-type': 'application/json' }, body: Buffer.from(JSON.stringify({ error })) }
}

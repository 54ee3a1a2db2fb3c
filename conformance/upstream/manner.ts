import type { Cut } from './cut.ts'

/** How a request is answered. Whatever is left out is as a healthy provider does it, from the recording that fits the request. */
export interface Manner {
  /** The recording to answer with, by the beginning of its file's name, whatever was asked. */
  readonly cassette?: string
  readonly status?: number
  /** Laid over the recorded ones. */
  readonly headers?: Readonly<Record<string, string>>
  /** In place of the recorded body. */
  readonly body?: string | Uint8Array
  /** Left out: streams are sent an event at a time, anything else at once. */
  readonly cut?: Cut
  readonly headersDelayMs?: number
  readonly pieceDelayMs?: number
  readonly encode?: 'gzip' | 'br' | 'deflate'
  /** `content-length`, true or not; left out: the body is sent in chunks. */
  readonly announcedBytes?: number
  readonly trailers?: Readonly<Record<string, string>>
  readonly stop?: Stop
}

/** Where an answer stops being one, and what happens there. */
export interface Stop {
  /** `request`: nothing is answered; `headers`: nothing follows them; a number: so many bytes of the body are sent. */
  readonly after: 'request' | 'headers' | number
  /**
   * `hang`: nothing more comes and the connection stays open. `reset`: the connection is reset. `end`: the answer ends as if it were whole.
   */
  readonly how: 'hang' | 'reset' | 'end'
  /** Sent in place of what is left out, such as an error in the middle of a stream. */
  readonly instead?: string
}

const JSON_TYPE = { 'content-type': 'application/json' }

/** A provider's own failure, in the words of the OpenAI API. */
export const SERVER_ERROR: Manner = {
  status: 500,
  headers: JSON_TYPE,
  body: '{"error":{"message":"The server had an error while processing your request.","type":"server_error","param":null,"code":null}}',
}

/** A limit on requests: to be tried again after so many seconds. */
export function rateLimited(retryAfterS: number): Manner {
  return {
    status: 429,
    headers: { ...JSON_TYPE, 'retry-after': String(retryAfterS) },
    body: '{"error":{"message":"Rate limit reached","type":"requests","param":null,"code":"rate_limit_exceeded"}}',
  }
}

/** What a load balancer or a captive portal says in place of a provider. */
export function htmlPage(status: number): Manner {
  return {
    status,
    headers: { 'content-type': 'text/html; charset=utf-8' },
    body: `<html><head><title>${status}</title></head><body><center><h1>${status}</h1></center></body></html>`,
  }
}

/** How a provider says in the middle of a stream that it failed. */
export const ERROR_EVENTS = {
  openai: '\n\ndata: {"error":{"message":"The server had an error","type":"server_error","param":null,"code":null}}\n\n',
  anthropic: '\n\nevent: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n',
} as const

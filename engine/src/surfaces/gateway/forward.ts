import type { IncomingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'
import { Pool } from 'undici'

export interface Outgoing {
  readonly method: string
  /** Path and query, after the origin. */
  readonly path: string
  readonly headers: Readonly<Record<string, string | string[]>>
  readonly body: Uint8Array | Readable | null
}

/** What is done with an answer as it comes. */
export interface AnswerTaker {
  onHead(status: number, headers: IncomingHttpHeaders): void
  /** False: no more until `resume`. */
  onData(chunk: Buffer): boolean
  onEnd(): void
  /** At most once, and nothing after it. */
  onFailed(failure: SendFailure): void
}

/** `reached`: the request may have been read by the provider, so it may be billed. */
export interface SendFailure {
  readonly message: string
  readonly code: string
  readonly timedOut: boolean
  readonly reached: boolean
}

export interface Sent {
  /** Ends the request; nothing is told of it any more. */
  abort(): void
  resume(): void
}

export interface Sender {
  send(origin: string, request: Outgoing, taker: AnswerTaker): Sent
  close(): Promise<void>
}

export interface SenderOptions {
  readonly headMs: number
  readonly pauseMs: number
}

/** Sends requests to providers over connections that are kept open, and hands on their answers piece by piece. */
export function sender({ headMs, pauseMs }: SenderOptions): Sender {
  const pools = new Map<string, Pool>()
  const poolOf = (origin: string): Pool => {
    const known = pools.get(origin)
    if (known !== undefined) return known
    const pool = new Pool(origin, { connections: null, pipelining: 1, headersTimeout: headMs, bodyTimeout: pauseMs })
    pools.set(origin, pool)
    return pool
  }
  return {
    send: (origin, request, taker) => dispatch(poolOf(origin), request, taker),
    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.close()))
    },
  }
}

function dispatch(pool: Pool, { method, path, headers, body }: Outgoing, taker: AnswerTaker): Sent {
  let control: { abort(reason: Error): void; pause(): void; resume(): void } | null = null
  let over = false
  let reached = false
  const abort = (): void => {
    over = true
    control?.abort(new Error('the call was ended'))
  }
  pool.dispatch(
    { path, method: method as 'POST', headers: headers as Record<string, string>, body },
    {
      onRequestStart(controller) {
        control = controller
        reached = true
        if (over) controller.abort(new Error('the call was ended'))
      },
      onResponseStart(_controller, status, answered) {
        if (!over && status >= 200) taker.onHead(status, answered)
      },
      onResponseData(controller, chunk) {
        if (!over && !taker.onData(chunk)) controller.pause()
      },
      onResponseEnd() {
        if (over) return
        over = true
        taker.onEnd()
      },
      onResponseError(_controller, error) {
        if (over) return
        over = true
        taker.onFailed(failureOf(error, reached))
      },
    },
  )
  return { abort, resume: () => control?.resume() }
}

const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
])

function failureOf(error: Error & { readonly code?: string }, started: boolean): SendFailure {
  const code = error.code ?? error.name
  const timedOut = code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT' || code === 'UND_ERR_CONNECT_TIMEOUT'
  return { message: error.message, code, timedOut, reached: started && !NEVER_SENT.has(code) }
}

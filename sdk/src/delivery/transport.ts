import { retryAfterMs } from './backoff.ts'
import type { Signer } from './sign.ts'

/** As much of `fetch` as is used. The runtime's own is the default. */
export type Fetch = (
  url: string,
  init: { method: string; headers: Record<string, string>; body: string; signal: AbortSignal; redirect: 'manual' },
) => Promise<{ readonly status: number; readonly headers: { get(name: string): string | null }; text(): Promise<string> }>

/** Timers as an argument, so that tests own time. A handle may have `unref`. */
export interface Timers {
  set(run: () => void, delayMs: number): unknown
  clear(handle: unknown): void
}

/**
 * `busy`: not reached, or told to come later; worth trying for as long as there is room to wait. `fault`: the server answered with a fault
 * of its own or with something unreadable; worth some tries. `refused`: trying again cannot help.
 */
export type Outcome =
  | { readonly kind: 'accepted'; readonly answer: unknown }
  | { readonly kind: 'busy'; readonly afterMs: number | null; readonly reason: string; readonly body?: unknown }
  | { readonly kind: 'fault'; readonly afterMs: number | null; readonly reason: string }
  | {
      readonly kind: 'refused'
      readonly status: number
      readonly code: string
      readonly detail: string
      readonly path?: string
      readonly body: unknown
    }

export interface TransportSettings {
  readonly url: string
  readonly apiKey: string | undefined
  /** Signs each try anew; then no key is sent. */
  readonly signer: Signer | undefined
  readonly requestTimeoutMs: number
  readonly fetch: Fetch
  readonly timers: Timers
  readonly now: () => number
}

/** Sends one JSON body. Never rejects. `abort` ends it early as `busy`. */
export async function send(settings: TransportSettings, path: string, body: string, abort: AbortController): Promise<Outcome> {
  const timeout = settings.timers.set(
    () => abort.abort(new Error(`no answer within ${settings.requestTimeoutMs} ms`)),
    settings.requestTimeoutMs,
  )
  try {
    const url = `${settings.url}${path}`
    const response = await settings.fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...credentials(settings, url, body) },
      body,
      signal: abort.signal,
      redirect: 'manual',
    })
    const text = await response.text()
    return outcomeOf(response.status, text, retryAfterMs(response.headers.get('retry-after'), settings.now()))
  } catch (error) {
    return { kind: 'busy', afterMs: null, reason: reasonOf(abort.signal.aborted ? abort.signal.reason : error) }
  } finally {
    settings.timers.clear(timeout)
  }
}

function credentials({ apiKey, signer }: TransportSettings, url: string, body: string): Record<string, string> {
  if (signer !== undefined) return signer({ url, body })
  return apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }
}

function outcomeOf(status: number, text: string, afterMs: number | null): Outcome {
  const answer = parsed(text)
  if (status >= 200 && status < 300) {
    return answer === undefined
      ? { kind: 'fault', afterMs, reason: `status ${status} with an unreadable body` }
      : { kind: 'accepted', answer }
  }
  if (status === 408 || status === 425 || status === 429 || status === 502 || status === 503 || status === 504) {
    return { kind: 'busy', afterMs, reason: `status ${status}`, body: answer }
  }
  if (status >= 500) return { kind: 'fault', afterMs, reason: `status ${status}` }
  const problem = typeof answer === 'object' && answer !== null ? (answer as Record<string, unknown>) : {}
  const code = typeof problem.code === 'string' ? problem.code : `http_${status}`
  const detail = typeof problem.detail === 'string' ? problem.detail : `The server answered with status ${status}.`
  return { kind: 'refused', status, code, detail, body: answer, ...(typeof problem.path === 'string' ? { path: problem.path } : {}) }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The cause says more than fetch's own "fetch failed". */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  return cause instanceof Error ? cause.message || cause.name : String(cause)
}

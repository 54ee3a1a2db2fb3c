import type { Millis } from '../../kernel/index.ts'

/** A call that failed and may be tried again by its client. */
export interface FailedAttempt {
  readonly callId: string
  readonly attempt: number
}

/** Remembers failed calls for a while, so that the next equal one is known for what it is: another attempt. */
export interface Attempts {
  /** The first attempt of this request, and how many were made, where its last one failed lately. */
  before(request: string, at: Millis): FailedAttempt | null
  failed(request: string, attempt: FailedAttempt, at: Millis): void
  succeeded(request: string): void
}

const KEPT_MS = 600_000
const KEPT_MAX = 10_000

export function attempts(): Attempts {
  const known = new Map<string, FailedAttempt & { readonly at: Millis }>()
  return {
    before(request, at) {
      const last = known.get(request)
      return last === undefined || at - last.at > KEPT_MS ? null : { callId: last.callId, attempt: last.attempt }
    },
    failed(request, { callId, attempt }, at) {
      known.delete(request)
      known.set(request, { callId, attempt, at })
      const [oldest] = known.keys()
      if (known.size > KEPT_MAX && oldest !== undefined) known.delete(oldest)
    },
    succeeded(request) {
      known.delete(request)
    },
  }
}

import type { PriceableCall } from '../../calls/index.ts'
import { share } from '../averages.ts'

/** How much of what sessions ask was asked in an earlier one already. */
export interface SessionOverlap {
  readonly sessions: number
  /** Different requests of each session, added up, and how many of them an earlier session has made. */
  readonly requests: number
  readonly seenBefore: number
  /** Null: no session has two calls to compare, or none says its requests. */
  readonly share: number | null
  /** The same of single sessions, those with the most requests first. */
  readonly bySession: readonly { readonly sessionId: string; readonly requests: number; readonly seenBefore: number }[]
}

const SHOWN_MAX = 20

/**
 * Counts fingerprints. Of a session that is the first of its organization nothing was seen before; it counts all the same, so that the share is of
 * all that sessions ask. A session is earlier that called earlier.
 */
export function sessionOverlap(calls: readonly PriceableCall[]): SessionOverlap {
  const sessions = new Map<string, { readonly sessionId: string; readonly requests: Map<string, boolean> }>()
  const firstSession = new Map<string, string>()
  for (const call of [...calls].sort((left, right) => left.at - right.at || left.seq - right.seq)) {
    const { organization, sessionId, fingerprint } = call
    if (sessionId === null || fingerprint === null) continue
    const session = JSON.stringify([organization, sessionId])
    const request = JSON.stringify([organization, fingerprint])
    if (!firstSession.has(request)) firstSession.set(request, session)
    const known = sessions.get(session) ?? { sessionId, requests: new Map<string, boolean>() }
    if (!known.requests.has(request)) known.requests.set(request, firstSession.get(request) !== session)
    sessions.set(session, known)
  }
  const bySession = [...sessions.values()].map(({ sessionId, requests }) => ({
    sessionId,
    requests: requests.size,
    seenBefore: [...requests.values()].filter((seen) => seen).length,
  }))
  const requests = bySession.reduce((sum, session) => sum + session.requests, 0)
  const seenBefore = bySession.reduce((sum, session) => sum + session.seenBefore, 0)
  return {
    sessions: bySession.length,
    requests,
    seenBefore,
    share: bySession.length < 2 ? null : share(seenBefore, requests),
    bySession: bySession.sort((left, right) => right.requests - left.requests).slice(0, SHOWN_MAX),
  }
}

import { fail, formatInstant, LIMITS, type Millis, ok, type Result } from '../../kernel/index.ts'
import type { Emitter, Who } from '../../usage/index.ts'
import { whoOf } from '../../usage/index.ts'
import { DEFAULT_ORGANIZATION } from '../authority/scope.ts'
import type { Caller, Services } from '../context.ts'
import type { RunOrganizations } from '../tracking/run-organizations.ts'
import type { PricedTools } from './priced-tools.ts'
import type { CallDraft, CallRef, Later, Tally } from './records.ts'
import type { SameCalls } from './same-calls.ts'
import type { Trace, TraceMemory } from './traces.ts'

/** What is kept between requests, and what they work with. */
export interface Receiver {
  readonly services: Services
  readonly traces: TraceMemory
  readonly tools: PricedTools
  readonly same: SameCalls
}

/** One request while it is being read. */
export interface Request {
  readonly receiver: Receiver
  readonly caller: Caller
  readonly now: Millis
  readonly tally: Tally
  readonly drafts: CallDraft[]
  /** By organization and id. */
  readonly byId: Map<string, CallRef>
  readonly later: Later[]
  readonly touched: Set<Trace>
  readonly resources: Map<Emitter['resource'], Who | null>
  /** Organizations of sessions that were loaded for it. */
  readonly sessions: Map<string, string | null>
}

export function newRequest(receiver: Receiver, caller: Caller): Request {
  return {
    receiver,
    caller,
    now: receiver.services.now(),
    tally: { rejected: 0, reasons: new Set() },
    drafts: [],
    byId: new Map(),
    later: [],
    touched: new Set(),
    resources: new Map(),
    sessions: new Map(),
  }
}

export function resourceWho(request: Request, emitter: Emitter): Who | null {
  const known = request.resources.get(emitter.resource)
  if (known !== undefined) return known
  const who = whoOf(emitter.resource, false)
  request.resources.set(emitter.resource, who)
  return who
}

/**
 * The organization of the key; else the one that is said (`purser.organization_id`); else that of the session, where it exists in exactly one;
 * else `default`. A key of one organization reports for no other.
 */
export function organizationOf(
  request: Request,
  said: { readonly organization: string | null; readonly session: string | null },
): Result<string, string> {
  const own = request.caller.organization
  if (own !== null) {
    return said.organization === null || said.organization === own
      ? ok(own)
      : fail(`this key does not act for organization "${said.organization}"`)
  }
  const ofSession = said.session === null ? null : request.sessions.get(said.session)
  return ok(said.organization ?? ofSession ?? DEFAULT_ORGANIZATION)
}

/** Loads the organizations of sessions: only callers that may act for any need them. */
export async function loadSessions(request: Request, organizations: RunOrganizations, sessions: Iterable<string | null>): Promise<void> {
  if (request.caller.organization !== null) return
  for (const session of sessions) {
    if (session === null || request.sessions.has(session)) continue
    const known = organizations.known('session', session)
    request.sessions.set(session, known === undefined ? await organizations.load('session', session) : known)
  }
}

const DAY_MS = 86_400_000

/** When it began; our own time where it does not say. A time that cannot be is refused. */
export function timeOf(request: Request, startUs: number): Result<{ readonly at: Millis; readonly given: boolean }, string> {
  if (startUs <= 0) return ok({ at: request.now, given: false })
  const at = Math.floor(startUs / 1_000)
  if (at > request.now + LIMITS.futureMsMax)
    return fail(`a time lies more than ${LIMITS.futureMsMax / 3_600_000} hours ahead of this server's ${formatInstant(request.now)}`)
  if (at < request.now - LIMITS.pastDaysMax * DAY_MS) return fail(`a time lies more than ${LIMITS.pastDaysMax} days back`)
  return ok({ at, given: true })
}

/** Whole milliseconds; null where it is not known how long it took. */
export function latencyOf(startUs: number, endUs: number): number | null {
  const ms = Math.round((endUs - startUs) / 1_000)
  return startUs > 0 && ms >= 0 && endUs > 0 && ms <= LIMITS.latencyMsMax ? ms : null
}

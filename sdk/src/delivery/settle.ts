import type { Settings } from '../options.ts'
import { halved, type Request } from './plan.ts'
import type { Item } from './queue.ts'
import type { Outcome } from './transport.ts'

/** Refusals of single items that pass by themselves. */
const PASSING_CODES = new Set(['overloaded', 'unavailable', 'internal', 'projection_behind'])

export interface Tally {
  sent: number
  refused: number
  lost: number
}

/** What is to be sent again in place of a request, and whether to pause first. */
export interface Again {
  readonly requests: Request[]
  readonly isFailure: boolean
  /** To be tried again by itself, without holding up what comes after it. */
  readonly later?: Request
}

/** An end that is not known is tried so often when nothing more can come before it. */
const LAST_TRIES = 2

/**
 * Counts what a request came to, reports what was refused, and gives back what must be tried again. Ids make a second try harmless.
 * `isLast`: a flush waits for the request, and all that it waited for besides is settled.
 */
export function retryAgain(request: Request, outcome: Outcome, settings: Settings, tally: Tally, isLast: boolean): Again {
  if (outcome.kind === 'accepted') return request.batch ? afterBatch(request, outcome.answer, settings, tally) : accepted(request, tally)
  if (outcome.kind === 'busy') return { requests: [request], isFailure: true }
  if (outcome.kind === 'fault') return afterFault(request, outcome.reason, settings, tally)
  if (outcome.status === 413 && request.items.length > 1) return { requests: halved(request), isFailure: false }
  const { kind: _, ...why } = outcome
  if (isUnknownEnd(request, why)) {
    request.faults += 1
    if (request.faults < (isLast ? Math.min(LAST_TRIES, settings.faultsMax) : settings.faultsMax)) {
      return { requests: [], isFailure: false, later: request }
    }
  }
  for (const item of request.items) refuse(item, why, settings, tally)
  return { requests: [], isFailure: false }
}

/**
 * The end of a run or session that the server has not heard of. Another process may have its start or calls on the way, so a later try can
 * help; its own come before it here.
 */
function isUnknownEnd({ items: [item] }: Request, { status, code }: { status: number; code: string }): boolean {
  return status === 404 && code === 'not_found' && (item?.kind === 'workflow_end' || item?.kind === 'session_end')
}

function accepted(request: Request, tally: Tally): Again {
  tally.sent += request.items.length
  return { requests: [], isFailure: false }
}

function afterFault(request: Request, reason: string, settings: Settings, tally: Tally): Again {
  request.faults += 1
  if (request.faults < settings.faultsMax) return { requests: [request], isFailure: true }
  const why = { code: 'gave_up', detail: `Given up after ${request.faults} tries: ${reason}.` }
  for (const item of request.items) refuse(item, why, settings, tally)
  return { requests: [], isFailure: true }
}

/** The batch endpoint takes the good items and lists the refused ones by index. */
function afterBatch(request: Request, answer: unknown, settings: Settings, tally: Tally): Again {
  const results = (answer as { results?: unknown } | null)?.results
  if (!Array.isArray(results)) return afterFault(request, 'the answer is not that of a batch', settings, tally)
  const refusals = new Map<number, { code: string; detail: string; path?: string }>()
  for (const result of results as (Record<string, unknown> | null)[]) {
    if (typeof result?.index !== 'number' || typeof result.code !== 'string') continue
    const path = typeof result.path === 'string' ? { path: result.path } : {}
    refusals.set(result.index, { code: result.code, detail: String(result.detail ?? result.code), ...path })
  }
  const again: Item[] = []
  request.items.forEach((item, index) => {
    const why = refusals.get(index)
    if (why === undefined) tally.sent += 1
    else if (PASSING_CODES.has(why.code)) again.push(item)
    else refuse(item, why, settings, tally)
  })
  if (again.length === 0) return { requests: [], isFailure: false }
  request.items = again
  return afterFault(request, 'the server could not take these items', settings, tally)
}

function refuse(item: Item, why: { code: string; detail: string; status?: number; path?: string }, settings: Settings, tally: Tally): void {
  tally.refused += 1
  settings.onError({ ...why, item: { kind: item.kind, body: JSON.parse(item.json) } })
}

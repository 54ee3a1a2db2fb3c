import type { OrganizationScope } from '../../../calls/index.ts'
import { type BurnEntry, burnRates } from '../../../insights/index.ts'
import type { Millis } from '../../../kernel/index.ts'
import type { Services } from '../../context.ts'

/** Looked up together: one question each where the ledger is in another process. */
const TOGETHER = 64

/** What is active now, fastest first: without the sessions and runs that have ended, at most `limit`. */
export async function activeBurn(
  services: Services,
  asked: { readonly scope: OrganizationScope; readonly windowMs: number; readonly now: Millis; readonly limit: number },
): Promise<BurnEntry[]> {
  const { scope, windowMs, now, limit } = asked
  const entries = await burnRates(services.calls, { scope, windowMs, now, atLeast: services.committer.head() })
  const active: BurnEntry[] = []
  for (let from = 0; from < entries.length && active.length < limit; from += TOGETHER) {
    const some = entries.slice(from, from + TOGETHER)
    const ended = await Promise.all(some.map((entry) => hasEnded(services, entry, now)))
    active.push(...some.filter((_, index) => ended[index] !== true))
  }
  return active.slice(0, limit)
}

async function hasEnded({ ledger }: Services, { organization, sessionId, runId }: BurnEntry, now: Millis): Promise<boolean> {
  if (sessionId === null && runId === null) return false
  const [found] = sessionId !== null ? await ledger.findSessions(organization, sessionId) : await ledger.findRuns(organization, runId ?? '')
  return found !== undefined && found.endedAt !== null && found.endedAt <= now
}

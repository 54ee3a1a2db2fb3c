import type { CallQuery } from '../../calls/index.ts'
import type { OpportunityReport } from '../../insights/index.ts'
import type { Clock, Millis } from '../../kernel/index.ts'

/** Reports that are a minute old at most, so that a dashboard that asks every few seconds does not price thousands of calls each time. */
export interface RecentOpportunities {
  /** The report for the same scope, filters and span, if it was computed less than 60 seconds ago; else computes it. */
  recent(
    query: CallQuery,
    compute: () => Promise<OpportunityReport>,
  ): Promise<{ readonly report: OpportunityReport; readonly asOf: Millis }>
}

const MINUTE_MS = 60_000
const KEPT_MAX = 100

interface Kept {
  readonly asOf: Millis
  readonly report: Promise<OpportunityReport>
}

export function createRecentOpportunities(now: Clock): RecentOpportunities {
  const kept = new Map<string, Kept>()
  return {
    async recent(query, compute) {
      const asOf = now()
      const key = keyOf(query)
      const found = kept.get(key)
      // Kept as a promise, so that dashboards that ask at once wait for one computation.
      const use = found !== undefined && isRecent(found, asOf) ? found : { asOf, report: compute() }
      if (use !== found) keep(kept, key, use)
      try {
        return { report: await use.report, asOf: use.asOf }
      } catch (error) {
        if (kept.get(key) === use) kept.delete(key)
        throw error
      }
    },
  }
}

/** A clock that was set back makes nothing recent. */
function isRecent({ asOf }: Kept, now: Millis): boolean {
  return asOf <= now && now - asOf < MINUTE_MS
}

/** The oldest goes first; setting a key again makes it the newest. */
function keep(kept: Map<string, Kept>, key: string, report: Kept): void {
  kept.delete(key)
  kept.set(key, report)
  for (const oldest of kept.keys()) {
    if (kept.size <= KEPT_MAX) break
    kept.delete(oldest)
  }
}

/** Bounds in whole minutes: a period that ends now would otherwise be another one at every poll. Not the head: that is what is not looked at anew. */
function keyOf({ scope, from, to, where }: CallQuery): string {
  return JSON.stringify([scope, minuteOf(from), minuteOf(to), where ?? []])
}

function minuteOf(at: Millis | undefined): number | null {
  return at === undefined ? null : Math.floor(at / MINUTE_MS)
}

import { type CallStore, QueryFault } from './ports.ts'
import { activityOf } from './reference/activity.ts'
import { aggregate, rowsOf } from './reference/aggregate.ts'
import { factsOf } from './reference/facts.ts'
import { lastPostedOf } from './reference/last-posted.ts'
import { repeatsOf } from './reference/repeats.ts'
import { matching, type ReferenceData } from './reference/rows.ts'
import { failedRunsOf, runsOf, runTotalsOf, treeOf } from './reference/runs.ts'
import { sessionsOf } from './reference/sessions.ts'
import { amountsOf, callsAndCost, sumsBySeq } from './reference/sums.ts'

export type { ReferenceData, RunFacts, SessionFacts } from './reference/rows.ts'

/**
 * The query port over plain arrays: slow, and written to be obviously right. Tests of insights run on it, and the columnar
 * adapters are audited against it. Every answer is computed from `calls` by one pass with exact BigInt sums; no state, no index.
 * It refuses `sql` (`query_refused`): only a database speaks SQL.
 */
export function referenceStore(data: ReferenceData): CallStore {
  const head = data.calls.reduce((seq, row) => Math.max(seq, row.seq), 0)
  return {
    aggregate: async (query) => aggregate(matching(data.calls, query), query),
    rows: async (query) => rowsOf(matching(data.calls, query), query),
    lastPosted: async (query) => lastPostedOf(matching(data.calls, query), query.limit),
    runs: async (query) => runsOf(data, query),
    failedRuns: async (query) => failedRunsOf(data, query),
    runTotals: async (query) => runTotalsOf(data, query),
    sessions: async (query) => sessionsOf(data, query),
    tree: async (query) => treeOf(data, query),
    repeats: async (query) => repeatsOf(data, query),
    activity: async (query) => activityOf(data, query),
    facts: async (query) => factsOf(data, query),
    sql: async () => {
      throw new QueryFault('query_refused', 'the reference store speaks no SQL')
    },
    sums: async () => ({ watermark: head, ...callsAndCost(data.calls) }),
    sumsBySeq: async (bucketSize) => sumsBySeq(data.calls, bucketSize),
    amounts: async (fromSeq, toSeq) => amountsOf(data.calls, fromSeq, toSeq),
    replaceRecommendations: async () => {},
    notify: () => {},
    watermark: async () => head,
    rebuild: async (_head, onProgress) => onProgress?.(head),
    close: async () => {},
  }
}

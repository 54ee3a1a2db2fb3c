import {
  type CallRow,
  type CallStore,
  type Measures,
  measuresOfRow,
  mergeAdjustments,
  type OrganizationScope,
  type RunRow,
  sumMeasures,
} from '../../calls/index.ts'
import type { Picos } from '../../kernel/index.ts'
import { type CriticalPath, criticalPath } from './critical-path.ts'
import { linkCalls } from './link.ts'
import { walkTree } from './walk.ts'

/** A call in its place in the tree. Indexes are places in `Chain.calls`. */
export interface ChainCall {
  /** With its adjustments merged into the cost. */
  readonly call: CallRow
  /** 1 for a root. */
  readonly depth: number
  readonly parent: number | null
  readonly children: readonly number[]
  /** The parent it names has not arrived (or is of another run): it stands as a root until it does. */
  readonly parentMissing: boolean
  /** Its parents lead back to itself; the tree begins at it because it is the earliest of that circle. */
  readonly cycleBroken: boolean
  /** Known cost of the call and all below it. */
  readonly subtreeCost: Picos
}

/** The calls of a run and of the runs below it, as the tree that the parent ids say. */
export interface Chain {
  readonly runId: string
  /** The run itself; null when it is known only from its calls. */
  readonly run: RunRow | null
  /** The runs below it. */
  readonly nestedRuns: readonly RunRow[]
  /** Parents before children, siblings in the order of time. A list and not nested objects: a chain may be 10,000 calls deep. */
  readonly calls: readonly ChainCall[]
  readonly roots: readonly number[]
  readonly total: Measures
  readonly maxChainDepth: number
  readonly criticalPath: CriticalPath
  /** True when the run has more calls than the limit: the rest is not in the tree, and `total` does not hold it. */
  readonly truncated: boolean
}

export interface ChainQuestion {
  /** One organization: two of them may have used the same run id. */
  readonly scope: OrganizationScope
  readonly runId: string
  readonly atLeast: number
  readonly limit: number
}

/** What called what in a run, and what did it cost? Null when nothing is known of the run. */
export async function callChain(store: CallStore, question: ChainQuestion): Promise<Chain | null> {
  const { runs, calls } = await store.tree({ ...question, limit: question.limit + 1 })
  if (runs.length === 0 && calls.length === 0) return null
  return chainOf(question.runId, runs, calls.slice(0, question.limit), calls.length > question.limit)
}

/** The tree of calls that were already read. Pure; nothing in it recurses, so no chain is too deep for it. */
export function chainOf(runId: string, runs: readonly RunRow[], rows: readonly CallRow[], truncated: boolean): Chain {
  const calls = walkTree(linkCalls(mergeAdjustments(rows)))
  return {
    runId,
    run: runs.find((run) => run.runId === runId) ?? null,
    nestedRuns: runs.filter((run) => run.runId !== runId),
    calls,
    roots: calls.flatMap((call, index) => (call.parent === null ? [index] : [])),
    total: sumMeasures(calls.map(({ call }) => measuresOfRow(call))),
    maxChainDepth: calls.reduce((deepest, { depth }) => Math.max(deepest, depth), 0),
    criticalPath: criticalPath(calls),
    truncated,
  }
}

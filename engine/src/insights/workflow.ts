import { type CallQuery, type CallStore, knownTokens, type Measures } from '../calls/index.ts'
import { assert, type Picos } from '../kernel/index.ts'
import { averageCost, share } from './averages.ts'

export interface WorkflowPerformance extends Measures {
  readonly workflow: string
  readonly executions: number
  readonly successful: number
  readonly failedExecutions: number
  /** Not ended yet, as far as we were told. */
  readonly running: number
  /** Of the executions that ended, 0 to 1; null while none has. */
  readonly successRate: number | null
  /** Known cost per execution; null when no call has a known cost. `unpriced` says how many calls it does not cover. */
  readonly averageCost: Picos | null
  /** Null when no call reported any. */
  readonly tokens: number | null
  readonly averageTokens: number | null
  readonly averageCalls: number | null
  /** Over the executions whose start and end are both known, and in that order. */
  readonly averageDurationMs: number | null
}

/** How is a workflow performing? Null when no execution of that name is known. */
export async function workflowPerformance(
  store: CallStore,
  question: CallQuery & { readonly workflow: string },
): Promise<WorkflowPerformance | null> {
  const { workflow, ...query } = question
  const [totals] = await store.runTotals({ ...query, workflows: [workflow] })
  if (totals === undefined) return null
  const { runs, succeeded, failedRuns, durationMs, endedRuns, ...sums } = totals
  assert(succeeded + failedRuns <= runs, 'an execution ends once, well or badly')
  assert(durationMs >= 0, 'an end before its start tells no duration')
  const tokens = knownTokens(sums)
  return {
    ...sums,
    executions: runs,
    successful: succeeded,
    failedExecutions: failedRuns,
    running: runs - succeeded - failedRuns,
    successRate: share(succeeded, succeeded + failedRuns),
    averageCost: sums.calls > 0 && sums.unpriced === sums.calls ? null : averageCost(sums.cost, runs),
    tokens,
    averageTokens: tokens === null ? null : share(tokens, runs),
    averageCalls: share(sums.calls, runs),
    averageDurationMs: share(durationMs, endedRuns),
  }
}

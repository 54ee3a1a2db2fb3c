import { type AggregateRow, type CallQuery, type CallRow, type CallStore, knownCost, mergeAdjustments } from '../../calls/index.ts'
import { divideHalfEven, type Picos, picos, sumPicos } from '../../kernel/index.ts'
import type { Failure, FailureCase } from './failure.ts'
import { type Usual, usualOf } from './usual.ts'

/** Runs of one workflow, fewer than which tell nothing of what is usual. */
const HISTORY_MIN = 10
const CALLS_MARGIN_MIN = 5
/** Runs looked at; of those that stand out the ones with most calls, whose calls are read. */
const RUNS_MAX = 10_000
const READ_RUNS_MAX = 5
const RUN_CALLS_MAX = 2_000
const SHOWN_CALLS_MAX = 20

export interface Avalanches {
  readonly failures: readonly Failure[]
  readonly runs: number
  /** Workflows with too few runs, and runs that are of no workflow. */
  readonly shortHistory: readonly { readonly workflow: string; readonly runs: number }[]
  readonly unnamed: number
}

/** A run with the sums of its calls. */
interface Run extends AggregateRow {
  readonly organization: string
  readonly workflow: string | null
  readonly runId: string
}

/**
 * Runs with far more calls than is usual for their workflow. What the calls beyond the usual number have cost is summed from them. A run that began before
 * the time of the question shows fewer calls than it had, and never more.
 */
export async function avalanches(store: CallStore, query: CallQuery): Promise<Avalanches> {
  const groups = await store.aggregate({ ...query, groupBy: ['organization', 'workflow', 'run'], orderBy: 'calls', limit: RUNS_MAX })
  const runs = groups.flatMap((sums): Run[] => {
    const [organization, workflow = null, runId] = sums.keys
    return typeof organization === 'string' && typeof runId === 'string' && sums.calls > 0
      ? [{ ...sums, organization, workflow, runId }]
      : []
  })
  const byWorkflow = new Map<string, Run[]>()
  for (const run of runs) {
    if (run.workflow === null) continue
    const key = JSON.stringify([run.organization, run.workflow])
    byWorkflow.set(key, [...(byWorkflow.get(key) ?? []), run])
  }
  const failures: Failure[] = []
  const shortHistory: { workflow: string; runs: number }[] = []
  for (const group of byWorkflow.values()) {
    const usual = usualOf(
      group.map((run) => run.calls),
      HISTORY_MIN,
      CALLS_MARGIN_MIN,
    )
    if (usual === null) shortHistory.push({ workflow: group[0]?.workflow ?? '', runs: group.length })
    else {
      const failure = await failureOf(store, query, group, usual)
      if (failure !== null) failures.push(failure)
    }
  }
  return { failures, runs: runs.length, shortHistory, unnamed: runs.filter((run) => run.workflow === null).length }
}

async function failureOf(store: CallStore, query: CallQuery, runs: readonly Run[], usual: Usual): Promise<Failure | null> {
  const far = runs.filter((run) => run.calls > usual.threshold).sort((left, right) => right.calls - left.calls)
  const [worst] = far
  if (worst === undefined) return null
  const cases = await Promise.all(
    far.map((run, index) => (index < READ_RUNS_MAX ? readCase(store, query, run, usual) : estimatedCase(run, usual))),
  )
  return {
    mode: 'tool_call_avalanche',
    organization: worst.organization,
    agent: null,
    action: null,
    workflow: worst.workflow,
    measure: 'calls_per_run',
    usual,
    cases,
    what: `${far.length} of ${usual.history} runs made up to ${worst.calls} calls; usual are ${usual.median}.`,
    advice:
      'Bound the calls of a run (a breaker on calls per run), batch tool calls, and give the agent a stop when it asks for the same again.',
  }
}

/** Reads the run's calls; what those after the usual number have cost is the excess. */
async function readCase(store: CallStore, query: CallQuery, run: Run, usual: Usual): Promise<FailureCase> {
  const tree = await store.tree({
    scope: { organization: run.organization },
    runId: run.runId,
    atLeast: query.atLeast,
    limit: RUN_CALLS_MAX,
  })
  const own = mergeAdjustments(tree.calls).filter((call) => call.runId === run.runId && isWithin(call, query))
  // A run that is cut off, by the limit or by a filter that only some of its calls pass, is not summed.
  if (own.length !== run.calls) return estimatedCase(run, usual)
  const beyond = own.slice(usual.median)
  const known = beyond.flatMap((call) => (call.cost === null ? [] : [{ seq: call.seq, cost: call.cost }]))
  return {
    ...baseCase(run),
    at: own[0]?.at ?? null,
    callIds: beyond.slice(0, SHOWN_CALLS_MAX).map((call) => call.callId),
    excess: known.length === 0 ? null : sumPicos(known.map(({ cost }) => cost)),
    excessBy: known.length === 0 ? null : 'summed',
    byCall: new Map(known.map(({ seq, cost }) => [seq, { excess: cost, cost }])),
  }
}

function isWithin(call: CallRow, { from, to }: CallQuery): boolean {
  return (from === undefined || call.at >= from) && (to === undefined || call.at < to)
}

function estimatedCase(run: Run, usual: Usual): FailureCase {
  const cost = knownCost(run)
  const excess: Picos | null = cost === null ? null : picos(divideHalfEven(cost * BigInt(run.calls - usual.median), BigInt(run.calls)))
  return { ...baseCase(run), callIds: [], excess, excessBy: excess === null ? null : 'estimated', byCall: new Map() }
}

function baseCase(run: Run): Pick<FailureCase, 'runId' | 'at' | 'value' | 'cost'> {
  return { runId: run.runId, at: null, value: run.calls, cost: knownCost(run) }
}

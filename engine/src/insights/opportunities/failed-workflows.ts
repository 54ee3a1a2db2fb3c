import { type CallStore, type RunRow, sumMeasures } from '../../calls/index.ts'
import { type Picos, sumPicos, ZERO } from '../../kernel/index.ts'
import { EXAMINE_CALLS_MAX, examine, queryOf } from './examine.ts'
import { countWords, usdWords } from './money-words.ts'
import { CALL_IDS_MAX, type CallSaving, type Finding, type OpportunityQuestion } from './opportunity.ts'
import { priorityOf } from './priority.ts'
import { shownIds } from './swap.ts'

/** Failed runs looked at, dearest first; their ids go into one query. */
const FAILED_RUNS_MAX = 1_000

/** The calls that runs made which failed in the end: their cost, and their cost is the saving. */
export async function failedWorkflows(store: CallStore, question: OpportunityQuestion, total: Picos): Promise<Finding[]> {
  const query = queryOf(question)
  const runs = await store.runs({ ...query, failedOnly: true, orderBy: 'cost', limit: FAILED_RUNS_MAX })
  if (runs.length === 0) return []
  const sums = sumMeasures(runs)
  if (sums.cost <= ZERO) return []
  const callsMax = question.examineMax ?? EXAMINE_CALLS_MAX
  const examined = dearest(runs, callsMax)
  const filter = { dimension: 'run' as const, in: [...new Set(examined.map((run) => run.runId))] }
  const calls = await examine(store, query, filter, callsMax)
  const failed = new Set(examined.map(runKey))
  // Two organizations may use one run id, and a question may be about both.
  const wasted = calls.filter((call) => failed.has(runKey(call)))
  const byCall: CallSaving[] = wasted.flatMap((call) => (call.cost !== null && call.cost > ZERO ? [{ call, saving: call.cost }] : []))
  byCall.sort((left, right) => (left.saving === right.saving ? left.call.seq - right.call.seq : left.saving > right.saving ? -1 : 1))
  const saving = sumPicos(byCall.map((item) => item.saving))
  const count = runs.length
  const opportunity = {
    id: 'failed_workflows',
    type: 'failed_workflows' as const,
    priority: priorityOf(saving, sums.cost, total),
    subject: null,
    currentCost: sums.cost,
    calls: {
      count: sums.calls,
      unpriced: sums.unpriced,
      examined: wasted.length,
      saving: byCall.length,
      callIds: shownIds(byCall, wasted),
    },
    alternativeModels: [],
    runs: { count, runIds: runs.slice(0, CALL_IDS_MAX).map((run) => run.runId) },
    recommendation: `${count === FAILED_RUNS_MAX ? `At least ${count} runs` : countWords(count, 'run')} failed after ${countWords(sums.calls, 'call')} worth ${usdWords(sums.cost)}${worst(runs)}. Find out why they fail, and fail before the first call where you can.`,
    assumption: 'The runs need not have been started. A run that is mended half-way, or tried again, saves less.',
    potentialSavings: saving,
  }
  return [{ opportunity, byCall, byRepeat: [] }]
}

/** The dearest runs, as many as have so many calls together: looking for the calls of more would find none that may be read. */
function dearest(runs: readonly RunRow[], callsMax: number): RunRow[] {
  let calls = 0
  return runs.filter((run, index) => {
    calls += run.calls
    return index === 0 || calls <= callsMax
  })
}

function runKey(of: { readonly organization: string; readonly runId: string | null }): string {
  return JSON.stringify([of.organization, of.runId])
}

/** The workflow whose failures cost most. */
function worst(runs: readonly RunRow[]): string {
  const costs = new Map<string, Picos>()
  for (const run of runs) if (run.workflow !== null) costs.set(run.workflow, sumPicos([costs.get(run.workflow) ?? ZERO, run.cost]))
  const [dearest] = [...costs].sort(([, left], [, right]) => (left === right ? 0 : left > right ? -1 : 1))
  return dearest === undefined ? '' : `, ${usdWords(dearest[1])} of it in "${dearest[0]}"`
}

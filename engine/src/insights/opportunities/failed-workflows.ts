import type { CallStore, FailedRun } from '../../calls/index.ts'
import { type Picos, sumPicos, ZERO } from '../../kernel/index.ts'
import { queryOf } from './examine.ts'
import { countWords, usdWords } from './money-words.ts'
import { CALL_IDS_MAX, type Finding, type OpportunityQuestion } from './opportunity.ts'
import { priorityOf } from './priority.ts'
import type { MainSpend } from './spend.ts'

/** Failed runs counted, dearest first. */
const FAILED_RUNS_MAX = 1_000
/** Of those, the dearest, whose calls are shown, and how many of these are enough. */
const SHOWN_RUNS_MAX = 3
const SHOWN_CALLS_MIN = 10

/** The runs that failed in the end: what their calls have cost is the saving, and the sums of a run say it without reading its calls. */
export async function failedWorkflows(store: CallStore, question: OpportunityQuestion, spend: Promise<MainSpend>): Promise<Finding[]> {
  const query = queryOf(question)
  const runs = await store.failedRuns({ ...query, limit: FAILED_RUNS_MAX })
  const cost = sumPicos(runs.map((run) => run.cost))
  if (cost <= ZERO) return []
  const calls = runs.reduce((count, run) => count + run.calls, 0)
  const unpriced = runs.reduce((count, run) => count + run.unpriced, 0)
  const count = runs.length
  const [{ agents }, callIds] = await Promise.all([
    spend,
    question.shownCalls === false ? [] : shownCalls(store, question, runs.slice(0, SHOWN_RUNS_MAX)),
  ])
  const opportunity = {
    id: 'failed_workflows',
    type: 'failed_workflows' as const,
    priority: priorityOf(cost, cost, agents.total.cost),
    subject: null,
    currentCost: cost,
    calls: {
      count: calls,
      unpriced,
      examined: calls,
      saving: calls - unpriced,
      callIds,
    },
    alternativeModels: [],
    runs: { count, runIds: runs.slice(0, CALL_IDS_MAX).map((run) => run.runId) },
    recommendation: `${count === FAILED_RUNS_MAX ? `At least ${count} runs` : countWords(count, 'run')} failed after ${countWords(calls, 'call')} worth ${usdWords(cost)}${worst(runs)}. Find out why they fail, and fail before the first call where you can.`,
    assumption: 'The runs need not have been started. A run that is mended half-way, or tried again, saves less.',
    potentialSavings: cost,
    range: { low: ZERO, high: cost, words: 'from nothing, if every run is tried again until it succeeds, to all that they cost' },
    risk: { level: 'low' as const, words: 'None for those who wait for an answer: these runs gave none.' },
  }
  const byRun = runs.map((run) => ({ organization: run.organization, runId: run.runId, saving: run.cost }))
  return [{ opportunity, byCall: [], byRepeat: [], byRun }]
}

/** The dearest calls of some runs. Each run is read by itself: its calls lie close together in time, and nothing else is looked at. */
async function shownCalls(store: CallStore, question: OpportunityQuestion, runs: readonly FailedRun[]): Promise<string[]> {
  const query = queryOf(question)
  const shown: string[] = []
  for (const { organization, runId, firstCallAt, lastCallAt } of runs) {
    if (shown.length >= SHOWN_CALLS_MIN || firstCallAt === null || lastCallAt === null) continue
    const ofRun = [
      { dimension: 'organization' as const, in: [organization] },
      { dimension: 'run' as const, in: [runId] },
    ]
    const rows = await store.rows({
      ...query,
      from: firstCallAt,
      to: lastCallAt + 1,
      where: [...(query.where ?? []), ...ofRun],
      orderBy: 'cost',
      descending: true,
      limit: CALL_IDS_MAX,
    })
    shown.push(...rows.filter((row) => row.calls === 1 && row.cost !== null && row.cost > ZERO).map((row) => row.callId))
  }
  return shown.slice(0, CALL_IDS_MAX)
}

/** The workflow whose failures cost most. */
function worst(runs: readonly FailedRun[]): string {
  const costs = new Map<string, Picos>()
  for (const run of runs) if (run.workflow !== null) costs.set(run.workflow, sumPicos([costs.get(run.workflow) ?? ZERO, run.cost]))
  const [dearest] = [...costs].sort(([, left], [, right]) => (left === right ? 0 : left > right ? -1 : 1))
  return dearest === undefined ? '' : `, ${usdWords(dearest[1])} of it in "${dearest[0]}"`
}

import { type CallQuery, type CallStore, type Filter, type Measures, sumMeasures } from '../../calls/index.ts'
import { divideHalfEven, type Millis, type Picos, picos, sumPicos } from '../../kernel/index.ts'
import { totalOf } from '../breakdown.ts'
import type { OpportunityType } from './opportunity.ts'

const DAY_MS = 86_400_000
/** Looked at before it was done, and at most after: four whole weeks have the same days. */
const WINDOW_MS = 28 * DAY_MS
/** Fewer calls say nothing on either side. */
const CALLS_MIN = 20
const RUNS_MAX = 10_000
const GROUPS_MAX = 10_000

export interface RealisedQuestion extends Pick<CallQuery, 'scope' | 'atLeast'> {
  readonly type: OpportunityType
  readonly subject: string | null
  readonly doneAt: Millis
  readonly now: Millis
}

/** What was spent on, or wasted in, so many calls. */
export interface MeasuredWindow {
  readonly from: Millis
  readonly to: Millis
  readonly calls: number
  readonly amount: Picos
}

export interface Realised {
  readonly measure: string
  readonly before: MeasuredWindow
  readonly after: MeasuredWindow
  /** Null when it cannot be told yet. */
  readonly saving: Picos | null
  readonly reason: string | null
}

/**
 * What a piece of advice has saved since it was followed: what the calls since then would have cost at the cost per call of the four weeks before, less what they
 * cost. Nothing else is held still: where the work changed as well, that is in it.
 */
export async function realisedSaving(store: CallStore, question: RealisedQuestion): Promise<Realised> {
  const { doneAt, now } = question
  const spans = { before: [doneAt - WINDOW_MS, doneAt], after: [doneAt, Math.min(now, doneAt + WINDOW_MS)] } as const
  const concerned = await concernedBy(store, question, spans.before)
  const measure = async ([from, to]: readonly [Millis, Millis]): Promise<MeasuredWindow> => {
    const query: CallQuery = {
      scope: question.scope,
      atLeast: question.atLeast,
      from,
      to,
      ...(concerned === null ? {} : { where: [concerned] }),
    }
    return { from, to, ...(await amountOf(store, question, query)) }
  }
  const [before, after] = await Promise.all([measure(spans.before), measure(spans.after)])
  const reason = whyNot(before, after)
  const expected = reason === null ? divideHalfEven(before.amount * BigInt(after.calls), BigInt(before.calls)) : null
  return { measure: MEASURES[question.type], before, after, saving: expected === null ? null : picos(expected - after.amount), reason }
}

const MEASURES: Readonly<Record<OpportunityType, string>> = {
  expensive_agent: 'cost per call of the agent',
  batch_tier: 'cost per call of the agent',
  prompt_caching: 'cost per call of the agent',
  shorter_context: 'cost per call of the agent',
  expensive_model: 'cost per call of the agents that used the model before',
  repeated_calls: 'cost of repetitions per call of the agent',
  failed_workflows: 'cost of failed runs per call',
}

function whyNot(before: MeasuredWindow, after: MeasuredWindow): string | null {
  if (before.calls < CALLS_MIN) return `only ${before.calls} calls with a known price in the four weeks before; ${CALLS_MIN} are needed`
  if (after.calls < CALLS_MIN) return `only ${after.calls} calls with a known price since then; ${CALLS_MIN} are needed`
  return null
}

/** Whose calls are compared; null: all of them. */
async function concernedBy(
  store: CallStore,
  { type, subject, scope, atLeast }: RealisedQuestion,
  [from, to]: readonly [Millis, Millis],
): Promise<Filter | null> {
  if (type === 'failed_workflows') return null
  if (type !== 'expensive_model') return { dimension: 'agent', in: [subject] }
  const where = [{ dimension: 'model' as const, in: [subject] }]
  const groups = await store.aggregate({ scope, atLeast, from, to, where, groupBy: ['agent'], orderBy: 'cost', limit: GROUPS_MAX })
  return { dimension: 'agent', in: groups.map(({ keys }) => keys[0] ?? null) }
}

/** Calls without a known price are left out on both sides: they would look like a saving. */
async function amountOf(store: CallStore, { type }: RealisedQuestion, query: CallQuery): Promise<{ calls: number; amount: Picos }> {
  const [sums, wasted] = await Promise.all([totalOf(store, query), wastedIn(store, type, query)])
  const all: Measures = sumMeasures([sums])
  return { calls: Math.max(0, all.calls - all.unpriced), amount: wasted ?? all.cost }
}

async function wastedIn(store: CallStore, type: OpportunityType, query: CallQuery): Promise<Picos | null> {
  if (type === 'failed_workflows') return sumPicos((await store.failedRuns({ ...query, limit: RUNS_MAX })).map(({ cost }) => cost))
  if (type !== 'repeated_calls') return null
  return sumPicos((await store.repeats({ ...query, limit: GROUPS_MAX, callIdsMax: 1 })).map(({ repeatedCost }) => repeatedCost))
}

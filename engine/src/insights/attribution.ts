import { type CallQuery, type CallStore, type Dimension, knownTokens } from '../calls/index.ts'
import { type Breakdown, type BreakdownLine, breakdown } from './breakdown.ts'

export interface AttributionLine extends BreakdownLine {
  /** Null when no call reported any. */
  readonly tokens: number | null
  /** How many times the workflow ran; only when grouped by workflow. */
  readonly executions?: number
}

export interface Attribution extends Omit<Breakdown, 'lines'> {
  readonly dimension: Dimension
  readonly lines: readonly AttributionLine[]
}

export interface AttributionQuestion extends CallQuery {
  /** Any dimension, or `tag:<name>`. */
  readonly groupBy: Dimension
  readonly limit: number
}

/** Who or what is the spend for? Every call is in exactly one line, in `unattributed`, or among the `others` that the limit left out. */
export async function attribution(store: CallStore, question: AttributionQuestion): Promise<Attribution> {
  const { groupBy, limit, ...query } = question
  const { lines, ...rest } = await breakdown(store, query, groupBy, limit)
  const withTokens = lines.map((line) => ({ ...line, tokens: knownTokens(line) }))
  if (groupBy !== 'workflow') return { ...rest, dimension: groupBy, lines: withTokens }
  const totals = await store.runTotals({ ...query, workflows: lines.map((line) => line.value) })
  const runs = new Map(totals.map((total) => [total.workflow, total.runs]))
  return { ...rest, dimension: groupBy, lines: withTokens.map((line) => ({ ...line, executions: runs.get(line.value) ?? 0 })) }
}

import {
  type AggregateRow,
  type CallQuery,
  type CallStore,
  type Dimension,
  type Measures,
  subtractMeasures,
  sumMeasures,
} from '../calls/index.ts'

/** One value of a dimension and what was spent under it. */
export interface BreakdownLine extends Measures {
  readonly value: string
}

/** A total and its parts: `lines + unattributed + others = total`, exactly, for every measure. */
export interface Breakdown {
  readonly total: Measures
  /** Dearest first. */
  readonly lines: readonly BreakdownLine[]
  /** Calls that say nothing of the dimension. */
  readonly unattributed: Measures
  /** What the limit left out; null when nothing was. */
  readonly others: Measures | null
}

/** Groups read at once: of most dimensions these are all, and nothing more has to be asked. */
const GROUPS_MAX = 200

/**
 * What was spent by each value of one dimension. Only the dearest `limit` values are listed, so that a dimension with a value per
 * request costs no more than one with ten. `others` is computed as the rest of the total, so the parts add up even when calls
 * are recorded between the queries.
 */
export async function breakdown(
  store: CallStore,
  question: CallQuery,
  dimension: Dimension,
  limit: number,
  groupsMax: number = GROUPS_MAX,
): Promise<Breakdown> {
  // Two more than are shown: one may be the group that says nothing, and one more tells that something was left out.
  const limited = Math.max(limit + 2, groupsMax)
  const groups = await store.aggregate({ ...question, groupBy: [dimension], orderBy: 'cost', limit: limited })
  if (groups.length < limited) return breakdownOf(groups, limit)
  const lines = groups.flatMap(lineOf).slice(0, limit)
  const silent = groups.find(isSilent)
  const [unattributed, total] = await Promise.all([
    silent ?? totalOf(store, { ...question, where: [...(question.where ?? []), { dimension, in: [null] }] }),
    totalOf(store, question),
  ])
  const listed = sumMeasures([...lines, unattributed])
  return { total, lines, unattributed: sumMeasures([unattributed]), others: subtractMeasures(total, listed) }
}

/** The same of groups that are all there are, dearest first. */
export function breakdownOf(groups: readonly AggregateRow[], limit: number): Breakdown {
  const values = groups.flatMap(lineOf)
  return {
    total: sumMeasures(groups),
    lines: values.slice(0, limit),
    unattributed: sumMeasures(groups.filter(isSilent)),
    others: values.length > limit ? sumMeasures(values.slice(limit)) : null,
  }
}

function isSilent(group: AggregateRow): boolean {
  return group.keys[0] === null
}

/** The sums over everything a question is about. */
export async function totalOf(store: CallStore, question: CallQuery): Promise<Measures> {
  return sumMeasures(await store.aggregate({ ...question, groupBy: [] }))
}

/** None for the calls that say nothing of the dimension. */
function lineOf(group: AggregateRow): BreakdownLine[] {
  const [value] = group.keys
  return value === null || value === undefined ? [] : [{ value, ...sumMeasures([group]) }]
}

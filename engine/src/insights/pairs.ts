import { type AggregateRow, addMeasures, type CallQuery, type CallStore, type Dimension, ZERO_MEASURES } from '../calls/index.ts'

/** Pairs that are read at once; an organization with more of them is asked dimension by dimension. */
const PAIRS_MAX = 2_000

/** The groups of two dimensions together and of each alone, from one question to the store. */
export interface Pairs {
  /** Dearest first, as are the others. */
  readonly pairs: readonly AggregateRow[]
  readonly firsts: readonly AggregateRow[]
  readonly seconds: readonly AggregateRow[]
}

/**
 * What was spent under each pair of two dimensions, all of it, and summed by either of them: one question in place of three, and what its
 * parts say belongs together even when calls are recorded meanwhile. Null: there are more pairs than can be read at once.
 */
export async function spendByPair(
  store: CallStore,
  question: CallQuery,
  [first, second]: readonly [Dimension, Dimension],
  pairsMax: number = PAIRS_MAX,
): Promise<Pairs | null> {
  const pairs = await store.aggregate({ ...question, groupBy: [first, second], orderBy: 'cost', limit: pairsMax + 1 })
  return pairs.length > pairsMax ? null : { pairs, firsts: summedBy(pairs, 0), seconds: summedBy(pairs, 1) }
}

function summedBy(pairs: readonly AggregateRow[], position: 0 | 1): AggregateRow[] {
  const groups = new Map<string | null, AggregateRow>()
  for (const pair of pairs) {
    const key = pair.keys[position] ?? null
    groups.set(key, { keys: [key], ...addMeasures(groups.get(key) ?? ZERO_MEASURES, pair) })
  }
  return [...groups.values()].sort(byCost)
}

/** As the store orders groups: dearest first, equal ones by name, and what says nothing last. */
function byCost({ keys: [left = null], cost }: AggregateRow, { keys: [right = null], cost: otherCost }: AggregateRow): number {
  if (cost !== otherCost) return cost > otherCost ? -1 : 1
  if (left === null || right === null) return Number(left === null) - Number(right === null)
  return left < right ? -1 : 1
}

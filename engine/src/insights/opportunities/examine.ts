import type { CallQuery, CallStore, Filter, PriceableCall } from '../../calls/index.ts'
import type { Breakdown } from '../breakdown.ts'
import type { Finding, OpportunityQuestion } from './opportunity.ts'
import { isShare } from './priority.ts'

/**
 * Calls read one by one for each subject. Reading and re-pricing one takes some 20 microseconds, so this keeps
 * an answer under a tenth of a second; a caller with time to spare asks for more.
 */
const EXAMINE_CALLS_MAX = 1_000

/** The calls posted last that a filter lets through, latest first, adjustments merged into their cost. */
function examine(store: CallStore, question: CallQuery, filter: Filter, callsMax: number): Promise<PriceableCall[]> {
  return store.lastPosted({ ...queryOf(question), where: [...(question.where ?? []), filter], limit: callsMax })
}

/** Which groups of a breakdown are worth a look, and by what their calls are found. */
export interface LargeGroups {
  readonly dimension: 'agent' | 'model'
  readonly breakdown: Breakdown
  readonly linesMax: number
  readonly callsMin: number
  /** Of the total cost, at least. */
  readonly costPercent: bigint
}

/** What is found among the calls posted last of each large group. */
export async function findInLarge(
  store: CallStore,
  question: OpportunityQuestion,
  { dimension, breakdown: { lines, total }, linesMax, callsMin, costPercent }: LargeGroups,
  find: (group: Breakdown['lines'][number], calls: readonly PriceableCall[]) => Finding[],
): Promise<Finding[]> {
  const large = lines.slice(0, linesMax).filter((group) => group.calls >= callsMin && isShare(group.cost, total.cost, costPercent))
  const found = await Promise.all(
    large.map(async (group) => {
      const filter = { dimension, in: [group.value] }
      return find(group, await examine(store, queryOf(question), filter, question.examineMax ?? EXAMINE_CALLS_MAX))
    }),
  )
  return found.flat()
}

/** The part of a question that a store understands. */
export function queryOf(question: CallQuery): CallQuery {
  const { scope, from, to, where, atLeast } = question
  return {
    scope,
    atLeast,
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(where === undefined ? {} : { where }),
  }
}

import type { CallQuery, CallStore, Filter, PriceableCall } from '../../calls/index.ts'

/**
 * Calls read one by one for each subject. Reading and re-pricing one takes some 20 microseconds, so this keeps
 * an answer under a tenth of a second; a caller with time to spare asks for more.
 */
export const EXAMINE_CALLS_MAX = 1_000

/** The calls posted last that a filter lets through, latest first, adjustments merged into their cost. */
export function examine(store: CallStore, question: CallQuery, filter: Filter, callsMax: number): Promise<PriceableCall[]> {
  return store.lastPosted({ ...queryOf(question), where: [...(question.where ?? []), filter], limit: callsMax })
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

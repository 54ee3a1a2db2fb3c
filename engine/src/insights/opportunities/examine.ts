import { type CallQuery, type CallRow, type CallStore, type Filter, mergeAdjustments } from '../../calls/index.ts'

/**
 * Calls read one by one for each subject. Re-pricing one on its own and on another model takes some 10 microseconds, so this keeps
 * an answer well under a second; a caller with time to spare asks for more.
 */
export const EXAMINE_CALLS_MAX = 5_000

export interface Examined {
  /** Newest first, adjustments merged into their cost. */
  readonly calls: readonly CallRow[]
  /** True when there are older calls that were not read. */
  readonly truncated: boolean
}

/** The newest calls that a filter lets through. */
export async function examine(store: CallStore, question: CallQuery, filter: Filter, callsMax: number): Promise<Examined> {
  const where = [...(question.where ?? []), filter]
  const rows = await store.rows({ ...queryOf(question), where, orderBy: 'at', descending: true, limit: callsMax + 1 })
  const calls = mergeAdjustments(rows)
  return { calls: calls.slice(0, callsMax), truncated: rows.length > callsMax }
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

import { picos } from '../kernel/index.ts'
import type { CallRow } from './records.ts'

/**
 * Calls with their adjustments merged in: one row per call, its cost the sum of its rows. Adjustments whose call is not among the
 * rows are left out. A call that is still unpriced keeps a null cost.
 */
export function mergeAdjustments(rows: readonly CallRow[]): CallRow[] {
  const adjustments = new Map<number, CallRow[]>()
  for (const row of rows) if (row.calls === 0) adjustments.set(row.callSeq, [...(adjustments.get(row.callSeq) ?? []), row])
  return rows.filter((row) => row.calls === 1).map((row) => (adjustments.get(row.callSeq) ?? []).reduce(adjusted, row))
}

function adjusted(call: CallRow, adjustment: CallRow): CallRow {
  const cost = call.status === 'unpriced' ? null : picos((call.cost ?? 0n) + (adjustment.cost ?? 0n))
  return { ...call, cost, unpriced: call.unpriced + adjustment.unpriced, uncertain: call.uncertain + adjustment.uncertain }
}

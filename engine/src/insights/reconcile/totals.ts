import { picos, ZERO } from '../../kernel/index.ts'
import type { Terms } from './compare.ts'
import type { LineStatus, ReconciledLine, ReconciliationTotals } from './records.ts'

/** Sums both sides over their lines, exactly; what is not known is counted beside them. */
export function totalsOf(lines: readonly ReconciledLine[], { compared }: Terms): ReconciliationTotals {
  const counts: Record<LineStatus, number> = { matched: 0, drift: 0, ours_only: 0, theirs_only: 0 }
  let [ours, theirs] = [ZERO, ZERO]
  let [ourUnknownLines, theirUnknownLines, withinTolerance] = [0, 0, 0]
  for (const line of lines) {
    counts[line.status] += 1
    ours = picos(ours + (line.ours?.amount ?? 0n))
    theirs = picos(theirs + (line.theirs?.amount ?? 0n))
    if ((line.ours?.unpricedCalls ?? 0) > 0) ourUnknownLines += 1
    if (line.theirs !== null && line.theirs.amount === null) theirUnknownLines += 1
    if (line.status !== 'matched' && line.withinTolerance) withinTolerance += 1
  }
  const hasAmounts = compared === 'amounts'
  return {
    ours,
    ourUnknownLines,
    theirs: hasAmounts ? theirs : null,
    theirUnknownLines: hasAmounts ? theirUnknownLines : 0,
    lines: counts,
    withinTolerance,
  }
}

import type { ReconcileAnswer } from '@purser/contract'
import type { ReconciledLine, Reconciliation } from '../../insights/index.ts'
import { formatInstant, type Picos, picos, usdOfPicos } from '../../kernel/index.ts'
import { usdText } from '../wire/charge-answer.ts'

/** A reconciliation in the words of the contract; the totals hold the lines past the limit as well. */
export function reconciliationAnswer(done: Reconciliation, tolerance: Picos, linesMax: number): ReconcileAnswer {
  const { totals } = done
  const isKnown = totals.theirs !== null && totals.ourUnknownLines === 0 && totals.theirUnknownLines === 0
  return {
    provider: done.seller,
    compared: done.compared,
    covered: done.covered.map(({ start, end }) => ({ from: formatInstant(start), to: formatInstant(end) })),
    tolerance_usd: usdOfPicos(tolerance),
    reconciled: done.reconciled,
    totals: {
      ours_usd: usdOfPicos(totals.ours),
      theirs_usd: usdText(totals.theirs),
      difference_usd: isKnown ? usdOfPicos(picos((totals.theirs ?? 0n) - totals.ours)) : null,
      ours_unknown_lines: totals.ourUnknownLines,
      theirs_unknown_lines: totals.theirUnknownLines,
      ...totals.lines,
      within_tolerance: totals.withinTolerance,
    },
    remarks: done.remarks.map((remark) => ({ ...remark })),
    lines: done.lines.slice(0, linesMax).map(lineAnswer),
    unlisted: Math.max(done.lines.length - linesMax, 0),
  }
}

function lineAnswer({ day, model, meter, status, withinTolerance, ours, theirs, difference, reasons }: ReconciledLine) {
  return {
    day: formatInstant(day).slice(0, 10),
    model,
    meter,
    status,
    within_tolerance: withinTolerance,
    ours:
      ours === null
        ? null
        : {
            cost_usd: usdText(ours.amount),
            quantity: ours.quantity?.toString() ?? null,
            calls: ours.calls,
            call_ids: [...ours.callIds],
            unpriced_calls: ours.unpricedCalls,
          },
    theirs:
      theirs === null
        ? null
        : {
            cost_usd: usdText(theirs.amount),
            quantity: theirs.quantity?.toString() ?? null,
            requests: theirs.requests,
            line_items: [...theirs.names],
          },
    difference_usd: usdText(difference),
    reasons: reasons.map(({ callIds, ...said }) => ({ ...said, ...(callIds === undefined ? {} : { call_ids: [...callIds] }) })),
  }
}

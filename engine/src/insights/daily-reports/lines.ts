import { type Picos, picos, sumPicos, ZERO } from '../../kernel/index.ts'
import type { Amounts, DailyReport, MeasuredLines, ReconciledLines } from './records.ts'

/**
 * The lines of a day: each is what calls measured under the name and what the report says beyond that, as long as the report's lines keep within what it
 * says beyond the calls in all. Where they do not, report and calls disagree about who spent the money; then the lines are those of the calls, and what
 * only the report says is a rest without a name. Nothing is scaled to fit.
 */
export function reconcileLines(
  measured: MeasuredLines,
  reports: readonly DailyReport[],
  linesOf: (report: DailyReport) => Amounts | null,
  reportedOnly: Picos,
): ReconciledLines {
  const said = sumAmounts(reports.flatMap((report) => [...(linesOf(report) ?? [])]))
  const beyond = new Map<string, Picos>()
  for (const [name, amount] of said) {
    const more = picos(amount - (measured.lines.get(name) ?? ZERO))
    if (more > ZERO) beyond.set(name, more)
  }
  const named = sumPicos(beyond.values())
  if (named > reportedOnly + roundedUp(reports, linesOf)) return { ...measured, reportedOnly }
  const lines = new Map(measured.lines)
  for (const [name, more] of beyond) lines.set(name, picos((lines.get(name) ?? ZERO) + more))
  for (const name of said.keys()) if (!lines.has(name)) lines.set(name, ZERO)
  return { ...measured, lines, reportedOnly: picos(reportedOnly - named) }
}

/** How far the lines of reports come to more than their totals. A report is taken where rounding to cents explains it. */
function roundedUp(reports: readonly DailyReport[], linesOf: (report: DailyReport) => Amounts | null): Picos {
  let over = 0n
  for (const report of reports) {
    const excess = sumPicos((linesOf(report) ?? new Map<string, Picos>()).values()) - report.cost
    if (excess > 0n) over += excess
  }
  return picos(over)
}

/** Amounts of equal names added up. */
export function sumAmounts(amounts: Iterable<readonly [string, Picos]>): Map<string, Picos> {
  const sums = new Map<string, Picos>()
  for (const [name, amount] of amounts) sums.set(name, picos((sums.get(name) ?? ZERO) + amount))
  return sums
}

/** The dearest lines, and the rest of them among the others. A line that is not known costs nothing to list and comes last. */
export function dearest(split: ReconciledLines, limit: number): ReconciledLines {
  const sorted = [...split.lines].sort(([left, a], [right, b]) => descending(a ?? -1n, b ?? -1n) || (left < right ? -1 : 1))
  const left = sorted.slice(limit).map(([, amount]) => amount ?? ZERO)
  return { ...split, lines: new Map(sorted.slice(0, limit)), others: picos(split.others + sumPicos(left)) }
}

function descending(left: bigint, right: bigint): number {
  return left === right ? 0 : left > right ? -1 : 1
}

import type { ReconcileAnswer } from '@purser/contract'
import { count, counted, usd } from '../../terminal/figures.ts'
import { labelled, print, terminalWidth } from '../../terminal/print.ts'
import { type Column, renderTable } from '../../terminal/table.ts'
import type { CliWorld } from '../../world.ts'

type Line = ReconcileAnswer['lines'][number]

const TITLES: Readonly<Record<Line['status'], string>> = {
  drift: 'Drift: both have it, and not the same',
  ours_only: 'Ours only: posted here, not in their report',
  theirs_only: 'Theirs only: in their report, not posted here',
  matched: 'Matched',
}

const EXPLAINED_MAX = 30
const COLUMNS: readonly Column[] = [
  { title: 'day' },
  { title: 'model', shrink: true },
  { title: 'meter', shrink: true },
  { title: 'ours', align: 'right' },
  { title: 'theirs', align: 'right' },
  { title: 'difference', align: 'right' },
]

/** A reconciliation as tables, one for each status, with the reasons and calls below. */
export function printReconciliation(world: CliWorld, answer: ReconcileAnswer): void {
  const width = terminalWidth(world)
  print(world, ...headOf(answer))
  for (const { detail } of answer.remarks) print(world, ...labelled('note', detail, width))
  for (const status of ['drift', 'ours_only', 'theirs_only', 'matched'] as const) {
    const lines = answer.lines.filter((line) => line.status === status)
    if (lines.length === 0) continue
    print(world, '', `${TITLES[status]} (${count(answer.totals[status])})`, '')
    print(
      world,
      renderTable(
        COLUMNS,
        lines.map((line) => cellsOf(line, answer.compared)),
        width,
      ),
    )
    if (status === 'matched') continue
    for (const line of lines.slice(0, EXPLAINED_MAX)) print(world, '', ...explained(line, width))
    if (lines.length > EXPLAINED_MAX)
      print(world, '', `Of ${count(lines.length)} lines the first ${EXPLAINED_MAX} are explained; all of them: --format csv`)
  }
  if (answer.unlisted > 0) print(world, '', `${counted(answer.unlisted, 'further line')} not listed: --format csv`)
}

function headOf({ provider, covered, reconciled, tolerance_usd: tolerance, totals, compared }: ReconcileAnswer): string[] {
  const [first, last] = [covered[0], covered.at(-1)]
  const days =
    first === undefined || last === undefined
      ? 'no day that the report speaks of'
      : `${first.from.slice(0, 10)} to ${last.to.slice(0, 10)} of UTC`
  const measure = compared === 'amounts' ? `within ${usd(tolerance)} a line` : 'in every quantity'
  const off = totals.drift + totals.ours_only + totals.theirs_only - totals.within_tolerance
  const verdict = reconciled
    ? `reconciled, ${measure}`
    : off === 0
      ? 'not reconciled: pages are missing'
      : `NOT reconciled: ${counted(off, 'line')} off`
  const counts = `matched ${count(totals.matched)}, drift ${count(totals.drift)}, ours only ${count(totals.ours_only)}, theirs only ${count(totals.theirs_only)}`
  const amounts =
    compared === 'amounts'
      ? [`ours ${usd(totals.ours_usd)}, theirs ${usd(totals.theirs_usd)}, difference ${usd(totals.difference_usd)}`]
      : [`ours ${usd(totals.ours_usd)}; their report has no amounts`]
  const small =
    totals.within_tolerance > 0 ? [`${counted(totals.within_tolerance, 'line')} of one side only, for less than the tolerance`] : []
  const unknown =
    totals.ours_unknown_lines > 0
      ? [`${counted(totals.ours_unknown_lines, 'line')} with calls of ours whose price is not known (purser rates missing)`]
      : []
  return [`${provider}, ${days}`, verdict, counts, ...amounts, ...small, ...unknown]
}

function cellsOf({ day, model, meter, ours, theirs, difference_usd: difference }: Line, compared: ReconcileAnswer['compared']): string[] {
  const what = [day, subjectOf(model, meter, theirs), meter ?? meterless(model, theirs)]
  if (compared === 'quantities') {
    return [
      ...what,
      ours?.quantity ?? '',
      theirs?.quantity ?? '',
      quantityDifference(ours === null ? '0' : ours.quantity, theirs === null ? '0' : theirs.quantity),
    ]
  }
  return [...what, ours === null ? '' : usd(ours.cost_usd), theirs === null ? '' : usd(theirs.cost_usd), usd(difference)]
}

/** What a line is about: a model, what the provider names in place of one, or all of them. */
function subjectOf(model: string | null, meter: string | null, theirs: Line['theirs']): string {
  return model ?? (meter === null ? theirs?.line_items[0] : undefined) ?? 'all models'
}

function meterless(model: string | null, theirs: Line['theirs']): string {
  if (theirs !== null && theirs.line_items.length > 0) return 'other'
  return model === null ? 'all' : 'as stated'
}

function quantityDifference(ours: string | null, theirs: string | null): string {
  return ours === null || theirs === null ? 'not known' : (BigInt(theirs) - BigInt(ours)).toString()
}

function explained({ day, model, meter, ours, theirs, reasons }: Line, width: number): string[] {
  const title = [day, subjectOf(model, meter, theirs), meter ?? meterless(model, theirs)].join(' ')
  const items = theirs === null || theirs.line_items.length === 0 ? [] : labelled('  as', theirs.line_items.slice(0, 3).join(' | '), width)
  return [
    title.slice(0, width),
    ...reasons.flatMap(({ detail, call_ids: ids }) => [
      ...labelled('  why', detail, width),
      ...(ids === undefined || ids.length === 0 ? [] : labelled('', `these are ${ids.join(', ')}`, width)),
    ]),
    ...items,
    ...(ours === null ? [] : labelled('  calls', callsText(ours), width)),
  ]
}

function callsText({ calls, call_ids: ids }: NonNullable<Line['ours']>): string {
  const more = calls > ids.length ? ` and ${count(calls - ids.length)} more` : ''
  return `${count(calls)}: ${ids.join(', ')}${more}`
}

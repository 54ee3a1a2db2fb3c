import type { Picos, Span } from '../../kernel/index.ts'
import type { CardBook, FxTable } from '../../pricing/index.ts'
import { isCovered, type ReportedLine } from '../../usage/index.ts'
import type { ExportSources } from '../focus/source.ts'
import { type Compared, compare, magnitude, type Terms } from './compare.ts'
import { modelIdentity } from './identity.ts'
import { dayOf, keyText, type LineKey, nextDay } from './key.ts'
import { type OurCells, ourCells, unmeteredKey } from './ours.ts'
import { FINAL_AFTER_MS, type LineInContext, reasonsOf } from './reasons.ts'
import type { OurSide, ReconciledLine, ReconcileQuestion, Reconciliation, TheirSide } from './records.ts'
import { remarksOf } from './remarks.ts'
import { passes, quantityOf, type TheirCells, theirCells } from './theirs.ts'
import { totalsOf } from './totals.ts'

export interface ReconcileSources extends ExportSources {
  readonly book: CardBook
  readonly fx: FxTable
  /** Waited for now and then, so that others go on meanwhile. */
  readonly breathe: () => Promise<void>
}

/**
 * What is posted here beside what a provider says it billed, by day of UTC, model and meter. Both sides are added up for the time that the report
 * speaks of, and for nothing else. It reads; no book is changed by it.
 */
export async function reconcile(sources: ReconcileSources, question: ReconcileQuestion): Promise<Reconciliation> {
  const { report, filter, tolerance, now, callIdsMax, ...query } = question
  const hasCosts = report.lines.some(({ kind }) => kind === 'cost') || report.covered.usage.length === 0
  const terms: Terms = { tolerance, compared: hasCosts ? 'amounts' : 'quantities' }
  const covered = within(report.covered[hasCosts ? 'cost' : 'usage'], question)
  const asked = report.lines.filter(({ span }) => isCovered(covered, span.start) && isCovered(covered, span.end - 1))
  const kept = asked.filter((line) => passes(filter, line))
  const detail = detailOf(report.isItemized, terms, kept)
  const counted = detail === 'day' ? kept.filter(({ kind }) => kind === 'cost') : kept
  const identity = modelIdentity(sources.book, report.seller)
  const theirs = theirCells(counted, report, { covered, detail }, identity, sources.fx)
  const ours = await ourCells(
    sources,
    {
      ...query,
      ...boundsOf(covered, query),
      seller: report.seller,
      covered,
      detail,
      callIdsMax,
      isReported: (key) => theirs.cells.has(keyText(key)),
    },
    identity,
    sources.breathe,
  )
  const lines = linesOf(ours, theirs, question, terms, kept.length < asked.length)
  const remarks = remarksOf({ question, terms, detail, kept, covered, converted: theirs.converted, isFinal: isFinal(covered, now) })
  return {
    seller: report.seller,
    compared: terms.compared,
    covered,
    lines,
    totals: totalsOf(lines, terms),
    reconciled: report.cutPages === 0 && lines.every(({ withinTolerance }) => withinTolerance),
    remarks,
  }
}

/** Days are taken whole or not at all, as long as the report speaks of them: what a part of one has cost nobody says. */
function within(spans: readonly Span[], { from, to }: ReconcileQuestion): Span[] {
  const isIn = ({ start, end }: Span): boolean => (from === undefined || start >= from) && (to === undefined || end <= to)
  if (spans.every(isIn)) return [...spans]
  return spans.flatMap(daysOf).filter(isIn)
}

function daysOf({ start, end }: Span): Span[] {
  const days: Span[] = []
  for (let at = start; at < end; ) {
    const next = Math.min(nextDay(dayOf(at)), end)
    days.push({ start: at, end: next })
    at = next
  }
  return days
}

function boundsOf(covered: readonly Span[], query: { readonly from?: number; readonly to?: number }): { from: number; to: number } {
  const start = covered[0]?.start ?? 0
  const end = covered.at(-1)?.end ?? start
  return { from: Math.max(start, query.from ?? start), to: Math.max(start, Math.min(end, query.to ?? end)) }
}

function detailOf(isItemized: boolean, { compared }: Terms, lines: readonly ReportedLine[]): 'meter' | 'quantity' | 'day' {
  if (compared === 'amounts') return isItemized ? 'meter' : 'day'
  return lines.some(({ model }) => model !== null) ? 'meter' : 'quantity'
}

function isFinal(covered: readonly Span[], now: number): boolean {
  return (covered.at(-1)?.end ?? 0) + FINAL_AFTER_MS <= now
}

function linesOf(ours: OurCells, theirs: TheirCells, question: ReconcileQuestion, terms: Terms, isFiltered: boolean): ReconciledLine[] {
  const keys = new Map<string, LineKey>()
  for (const [text, { key }] of [...ours.cells, ...theirs.cells]) keys.set(text, key)
  const compared = new Map<string, Compared>()
  for (const text of keys.keys()) compared.set(text, compare(ours.cells.get(text) ?? null, theirs.cells.get(text) ?? null, terms))
  const otherNames = onOneSide(keys, compared)
  const lines = [...keys].map(([text, key]): ReconciledLine => {
    const line = compared.get(text) as Compared
    const context: LineInContext = {
      key,
      line,
      seller: question.report.seller,
      tolerance: question.tolerance,
      now: question.now,
      unmetered: ours.unmetered.get(unmeteredKey(key.day, key.model)) ?? null,
      isFiltered,
      onDay: (day) => compared.get(keyText({ ...key, day })) ?? null,
      named: (amount) => otherNames(key, line, amount, question.tolerance),
    }
    return lineOf(key, line, reasonsOf(context))
  })
  return lines.sort(inOrder)
}

type OtherNames = (key: LineKey, line: Compared, amount: Picos, tolerance: Picos) => string | null

/** Finds, of what one side alone has on a day for a meter, the model with nearly the same amount as the other side alone has. */
function onOneSide(keys: ReadonlyMap<string, LineKey>, compared: ReadonlyMap<string, Compared>): OtherNames {
  const groups = new Map<string, { key: LineKey; line: Compared }[]>()
  const groupOf = ({ day, meter }: LineKey): string => JSON.stringify([day, meter])
  for (const [text, key] of keys) {
    const line = compared.get(text)
    if (line === undefined || (line.status !== 'ours_only' && line.status !== 'theirs_only')) continue
    const group = groups.get(groupOf(key))
    if (group === undefined) groups.set(groupOf(key), [{ key, line }])
    else group.push({ key, line })
  }
  return (key, line, amount, tolerance) => {
    const found = groups
      .get(groupOf(key))
      ?.slice(0, SEARCHED_MAX)
      .find((other) => {
        const theirs = other.line.status === 'ours_only' ? other.line.ourAmount : other.line.theirAmount
        return other.line.status !== line.status && theirs !== null && theirs !== 0n && magnitude(theirs - amount) <= tolerance
      })
    return found === undefined ? null : (found.key.model ?? found.key.name)
  }
}

const SEARCHED_MAX = 200

function lineOf(key: LineKey, line: Compared, reasons: ReconciledLine['reasons']): ReconciledLine {
  return {
    day: key.day,
    model: key.model,
    meter: key.meter,
    status: line.status,
    withinTolerance: line.withinTolerance,
    ours: ourSide(line),
    theirs: theirSide(line),
    difference: line.difference,
    reasons,
  }
}

function ourSide({ ours, ourAmount, ourQuantity }: Compared): OurSide | null {
  if (ours === null) return null
  const { calls, callIds, unpricedCalls } = ours
  return { amount: ourAmount, quantity: ourQuantity, calls, callIds, unpricedCalls }
}

function theirSide({ theirs, theirAmount }: Compared): TheirSide | null {
  if (theirs === null) return null
  return { amount: theirAmount, quantity: quantityOf(theirs), requests: theirs.requests, names: [...theirs.names] }
}

/** By day, then model and meter; lines about no model last. */
function inOrder(a: ReconciledLine, b: ReconciledLine): number {
  return (
    a.day - b.day || byName(a.model, b.model) || byName(a.meter, b.meter) || byName(a.theirs?.names[0] ?? null, b.theirs?.names[0] ?? null)
  )
}

function byName(a: string | null, b: string | null): number {
  if (a === b) return 0
  if (a === null || b === null) return a === null ? 1 : -1
  return a < b ? -1 : 1
}

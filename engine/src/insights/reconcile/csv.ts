import { type Options, stringify } from 'csv-stringify/sync'
import { formatInstant, picos, usdOfPicos } from '../../kernel/index.ts'
import type { ReconciledLine } from './records.ts'

const LINES_PER_PIECE = 500

const COLUMNS = [
  'day',
  'model',
  'meter',
  'status',
  'within_tolerance',
  'ours_usd',
  'theirs_usd',
  'difference_usd',
  'ours_quantity',
  'theirs_quantity',
  'calls',
  'unpriced_calls',
  'line_items',
  'reasons',
  'call_ids',
] as const

/** Names come from calls and from the provider: what a spreadsheet would take for a formula gets an apostrophe in front. Amounts are bigints and stay numbers. */
const OPTIONS: Options = {
  escape_formulas: true,
  cast: { bigint: (amount) => usdOfPicos(picos(amount)), boolean: (value) => String(value) },
}

/** The lines as CSV, some hundred at a time. An amount that is not known is an empty cell. */
export async function* reconciliationCsv(lines: readonly ReconciledLine[]): AsyncGenerator<string> {
  yield stringify([[...COLUMNS]], OPTIONS)
  for (let at = 0; at < lines.length; at += LINES_PER_PIECE) yield stringify(lines.slice(at, at + LINES_PER_PIECE).map(cellsOf), OPTIONS)
}

function cellsOf({ day, model, meter, status, withinTolerance, ours, theirs, difference, reasons }: ReconciledLine): unknown[] {
  return [
    formatInstant(day).slice(0, 10),
    model,
    meter,
    status,
    withinTolerance,
    ours?.amount ?? null,
    theirs?.amount ?? null,
    difference,
    ours?.quantity?.toString() ?? null,
    theirs?.quantity?.toString() ?? null,
    ours?.calls ?? 0,
    ours?.unpricedCalls ?? 0,
    theirs?.names.join(' | ') ?? null,
    reasons.map(({ code }) => code).join(' '),
    ours?.callIds.join(' ') ?? null,
  ]
}

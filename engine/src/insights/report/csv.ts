import { type Options, stringify } from 'csv-stringify/sync'
import { Temporal } from 'temporal-polyfill'
import { knownCost, knownTokens } from '../../calls/index.ts'
import { assert, formatInstant, type Millis, picos, usdOfPicos } from '../../kernel/index.ts'
import { averageLatencyMs } from '../averages.ts'
import type { ReportQuestion, ReportRow } from './report.ts'

const ROWS_PER_PIECE = 500

const SUM_COLUMNS = [
  'calls',
  'failed_calls',
  'unpriced_calls',
  'uncertain_calls',
  'unmetered_calls',
  'input_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'output_tokens',
  'reasoning_tokens',
  'total_tokens',
  'cost_usd',
  'avg_latency_ms',
] as const

/**
 * Text that a spreadsheet would take for a formula (it begins with = + - @ or a tab) gets an apostrophe in front, since
 * agents, users and tags are named by others. Numbers are left alone: amounts are passed as bigints, so a negative one stays a number.
 */
const OPTIONS: Options = { escape_formulas: true, cast: { bigint: (amount) => usdOfPicos(picos(amount)) } }

/**
 * The report as CSV (RFC 4180, with LF), in pieces of some hundred rows: a heading, then a line per row. Costs are exact decimals of USD.
 * A value that a call does not say is an empty cell, and so is the cost of calls of which none has a known price, and
 * the tokens of calls of which none reported any.
 */
export async function* reportCsv(
  rows: AsyncIterable<ReportRow>,
  question: Pick<ReportQuestion, 'groupBy' | 'bucket' | 'zone'>,
): AsyncGenerator<string> {
  const time = question.bucket === 'none' ? [] : [question.bucket]
  let piece: Cell[][] = [[...time, ...question.groupBy, ...SUM_COLUMNS]]
  for await (const row of rows) {
    piece.push(cellsOf(row, question))
    if (piece.length < ROWS_PER_PIECE) continue
    yield stringify(piece, OPTIONS)
    piece = []
  }
  if (piece.length > 0) yield stringify(piece, OPTIONS)
}

type Cell = string | number | bigint | null

function cellsOf(row: ReportRow, question: Pick<ReportQuestion, 'groupBy' | 'bucket' | 'zone'>): Cell[] {
  assert(row.keys.length === question.groupBy.length, 'a row of a report has a value for every dimension asked for')
  return [
    ...(row.bucketStart === null ? [] : [bucketLabel(row.bucketStart, question.bucket, question.zone)]),
    ...row.keys,
    row.calls,
    row.failed,
    row.unpriced,
    row.uncertain,
    row.unmetered,
    knownTokens(row, row.inputTokens),
    knownTokens(row, row.cacheReadTokens),
    knownTokens(row, row.cacheWriteTokens),
    knownTokens(row, row.outputTokens),
    knownTokens(row, row.reasoningTokens),
    knownTokens(row),
    knownCost(row),
    averageLatencyMs(row),
  ]
}

/** The local date a bucket begins on, or for hours the instant, since a local hour can happen twice. */
export function bucketLabel(start: Millis, bucket: ReportQuestion['bucket'], zone: string): string {
  if (bucket === 'hour' || bucket === 'none') return formatInstant(start)
  return Temporal.Instant.fromEpochMilliseconds(start).toZonedDateTimeISO(zone).toPlainDate().toString()
}

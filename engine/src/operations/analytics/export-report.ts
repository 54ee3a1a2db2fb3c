import { exportReport, type ReportAnswer } from '@purser/contract'
import { type Dimension, sumMeasures, ZERO_MEASURES } from '../../calls/index.ts'
import { averageLatencyMs, bucketLabel, type ReportQuestion, type ReportRow, reportCsv, reportRows } from '../../insights/index.ts'
import { formatInstant, ok, type Result } from '../../kernel/index.ts'
import { implement } from '../operation.ts'
import { type Streamed, streamedCsv } from '../streamed.ts'
import { periodAnswer, rounded, spendAnswer, tokenKindsAnswer, totalTokensAnswer, totalUsdAnswer } from '../wire/measures-answer.ts'
import { dimensionOf, questionOf } from '../wire/question.ts'
import { answering } from './faults.ts'

const ROWS_MAX = 10_000

/** A report over any dimensions and buckets of time: an answer, or with `format` csv a file. */
export const exportReportOperation = implement(exportReport, async (context, input): Promise<Result<ReportAnswer | Streamed>> => {
  const { group_by, bucket, format, limit, ...rest } = input
  const question = questionOf(context, rest)
  if (!question.ok) return question
  const groupBy: Dimension[] = []
  for (const name of (group_by ?? 'agent,model').split(',')) {
    const dimension = dimensionOf(name.trim())
    if (!dimension.ok) return dimension
    if (!groupBy.includes(dimension.value)) groupBy.push(dimension.value)
  }
  const report: ReportQuestion = { ...question.value.query, groupBy, bucket: bucket ?? 'none', zone: question.value.zone }
  return answering<ReportAnswer | Streamed>(async () => {
    const rows = reportRows(context.services.calls, report)
    if (format === 'csv') return ok(await streamedCsv('purser-report.csv', reportCsv(rows, report)))
    return ok(await answerOf(rows, report, limit ?? ROWS_MAX))
  })
})

/** The totals cover every row, also those past the limit. */
async function answerOf(rows: AsyncIterable<ReportRow>, report: ReportQuestion, limit: number): Promise<ReportAnswer> {
  const listed: ReportAnswer['rows'] = []
  let total = ZERO_MEASURES
  let count = 0
  for await (const row of rows) {
    total = sumMeasures([total, row])
    count += 1
    if (listed.length < limit) listed.push(rowAnswer(row, report))
  }
  return {
    period: periodAnswer(report),
    group_by: [...report.groupBy],
    rows: listed,
    ...totalUsdAnswer(total),
    total_calls: total.calls,
    ...totalTokensAnswer(total),
    truncated: count > limit,
  }
}

function rowAnswer(row: ReportRow, report: ReportQuestion): ReportAnswer['rows'][number] {
  const time =
    row.bucketStart === null
      ? []
      : [
          ['period_start', formatInstant(row.bucketStart)],
          [report.bucket, bucketLabel(row.bucketStart, report.bucket, report.zone)],
        ]
  const { cost, cost_exact: exact } = spendAnswer(row)
  return Object.fromEntries([
    ...time,
    ...report.groupBy.map((dimension, index) => [dimension, row.keys[index] ?? null]),
    ['calls', row.calls],
    ['failed_calls', row.failed],
    ['unpriced_calls', row.unpriced],
    ['uncertain_calls', row.uncertain],
    ...Object.entries({ unmetered_calls: row.unmetered, ...tokenKindsAnswer(row), total_tokens: totalTokensAnswer(row).total_tokens }),
    ['cost_usd', cost],
    ['cost_usd_exact', exact],
    ['avg_latency_ms', rounded(averageLatencyMs(row))],
  ])
}

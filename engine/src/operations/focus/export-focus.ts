import { exportFocus, type FocusAnswer } from '@purser/contract'
import { type FocusRow, focusCsv, focusParquet, writtenColumns } from '../../insights/index.ts'
import { formatInstant, type Millis, ok, type Result } from '../../kernel/index.ts'
import { answering } from '../analytics/faults.ts'
import { implement } from '../operation.ts'
import { Streamed, streamedCsv } from '../streamed.ts'
import { leftOutAnswer, totalsAnswer } from './answers.ts'
import { type AskedExport, askedExport } from './focus-question.ts'

const PARQUET_TYPE = 'application/vnd.apache.parquet'
const ROWS_PER_PIECE = 500

/** Cost and usage in FOCUS, as a file that is made while it is sent. */
export const exportFocusOperation = implement(exportFocus, async (context, input): Promise<Result<Streamed>> => {
  const asked = askedExport(context, input)
  if (!asked.ok) return asked
  const { question, made } = asked.value
  const { version } = question
  return answering(async () => {
    if (input.format === 'csv') return ok(await streamedCsv(fileName(asked.value, 'csv'), focusCsv(made.rows, version)))
    if (input.format === 'parquet') {
      const pieces = focusParquet(made.rows, version, () => metadataOf(asked.value))
      return ok(await Streamed.begin(PARQUET_TYPE, fileName(asked.value, 'parquet'), pieces))
    }
    return ok(await Streamed.begin('application/json; charset=utf-8', fileName(asked.value, 'json'), jsonOf(asked.value)))
  })
})

/** `purser-focus-1.4-org_789-2026-10-01-2026-11-01.csv`, of characters that every system takes. */
function fileName({ question }: AskedExport, extension: string): string {
  const whose = 'organization' in question.scope ? question.scope.organization : 'all'
  const parts = ['purser-focus', question.version, whose, dayOf(question.from), dayOf(question.to)].filter((part) => part !== null)
  return `${parts.join('-').replaceAll(/[^A-Za-z0-9._-]/g, '_')}.${extension}`
}

function dayOf(at: Millis | undefined): string | null {
  return at === undefined ? null : formatInstant(at).slice(0, 10)
}

/** What a reader of the file should know that no row says. */
function metadataOf({ made: { tally } }: AskedExport): Record<string, string> {
  const { unpriced_calls, partial_calls } = leftOutAnswer(tally)
  const { billed_usd } = totalsAnswer(tally)
  return { billed_usd, calls: String(tally.calls), unpriced_calls: String(unpriced_calls), partial_calls: String(partial_calls) }
}

/** The answer as JSON, some hundred rows at a time; what is known only at the end stands there. */
async function* jsonOf({ question, made }: AskedExport): AsyncGenerator<string> {
  const columns = writtenColumns(question.version).map(({ name }) => name)
  let piece = `{"version":${JSON.stringify(question.version)},"granularity":${JSON.stringify(question.granularity)},"columns":${JSON.stringify(columns)},"rows":[`
  let held: FocusRow[] = []
  let isFirst = true
  const text = (rows: readonly FocusRow[]): string => {
    const joined = rows.map((row) => JSON.stringify(row)).join(',\n')
    const separator = isFirst || joined === '' ? '' : ',\n'
    isFirst = isFirst && joined === ''
    return separator + joined
  }
  for await (const row of made.rows) {
    held.push(row)
    if (held.length < ROWS_PER_PIECE) continue
    yield piece + text(held)
    piece = ''
    held = []
  }
  const end: Pick<FocusAnswer, 'calls' | 'totals' | 'left_out'> = {
    calls: made.tally.calls,
    totals: totalsAnswer(made.tally),
    left_out: leftOutAnswer(made.tally),
  }
  yield `${piece}${text(held)}],${JSON.stringify(end).slice(1)}`
}

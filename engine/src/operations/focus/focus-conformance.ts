import { type FocusConformanceAnswer, focusConformance } from '@purser/contract'
import { focusChecker, writtenColumns } from '../../insights/index.ts'
import { ok, type Result } from '../../kernel/index.ts'
import { answering } from '../analytics/faults.ts'
import { implement } from '../operation.ts'
import { Streamed } from '../streamed.ts'
import { conformanceAnswer } from './answers.ts'
import { conformanceText } from './conformance-text.ts'
import { askedExport } from './focus-question.ts'

/** Makes an export, writes none of it, and says whether it keeps every rule. */
export const focusConformanceOperation = implement(
  focusConformance,
  async (context, input): Promise<Result<FocusConformanceAnswer | Streamed>> => {
    const asked = askedExport(context, input)
    if (!asked.ok) return asked
    const { question, made } = asked.value
    return answering<FocusConformanceAnswer | Streamed>(async () => {
      const { version } = question
      const checker = focusChecker(
        writtenColumns(version).map(({ name }) => name),
        { version },
      )
      for await (const row of made.rows) checker.add(row)
      const answer = conformanceAnswer(question, checker.check(), made.tally)
      return ok(
        input.format === 'text'
          ? await Streamed.begin('text/plain; charset=utf-8', 'purser-focus-conformance.txt', onePiece(conformanceText(answer)))
          : answer,
      )
    })
  },
)

async function* onePiece(text: string): AsyncGenerator<string> {
  yield text
}

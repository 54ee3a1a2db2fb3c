import { type AttributionAnswer, attributeSpend } from '@purser/contract'
import { attribution } from '../../insights/index.ts'
import { ok, type Result } from '../../kernel/index.ts'
import { implement } from '../operation.ts'
import { restAnswer, spendAnswer, tokensAnswer, totalAnswer } from '../wire/measures-answer.ts'
import { dimensionOf, questionOf } from '../wire/question.ts'
import { answering } from './faults.ts'

const LINES = 1_000

/** Spend by any dimension. */
export const attributeSpendOperation = implement(attributeSpend, async (context, input): Promise<Result<AttributionAnswer>> => {
  const { group_by, limit, ...rest } = input
  const dimension = dimensionOf(group_by)
  if (!dimension.ok) return dimension
  const question = questionOf(context, rest)
  if (!question.ok) return question
  return answering(async () => {
    const spend = await attribution(context.services.calls, { ...question.value.query, groupBy: dimension.value, limit: limit ?? LINES })
    const lines = spend.lines.map((line): [string, AttributionAnswer['attribution'][string]] => [
      line.value,
      {
        ...spendAnswer(line),
        ...tokensAnswer(line),
        calls: line.calls,
        ...(line.executions === undefined ? {} : { executions: line.executions }),
      },
    ])
    return ok({ group_by, attribution: Object.fromEntries(lines), ...restAnswer(spend), ...totalAnswer(spend.total) })
  })
})

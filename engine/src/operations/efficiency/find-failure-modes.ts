import { type ForensicsAnswer, findFailureModes } from '@purser/contract'
import { excessOf, type Failure, type FailureCase, forensics } from '../../insights/index.ts'
import { ok, type Result } from '../../kernel/index.ts'
import { answering } from '../analytics/faults.ts'
import { implement } from '../operation.ts'
import { periodAnswer, timeText } from '../wire/measures-answer.ts'
import { amountAnswer, efficiencyQuestion, pricingCalls } from './pricing-calls.ts'

const CASES_SHOWN_MAX = 20

/** What cost far more than usual, and how did it fail? */
export const findFailureModesOperation = implement(findFailureModes, async (context, input): Promise<Result<ForensicsAnswer>> => {
  const question = efficiencyQuestion(context, input)
  if (!question.ok) return question
  const { query, examine } = question.value
  return answering(async () => {
    const found = await forensics(context.services.calls, { ...query, ...examine, ...pricingCalls(context.services) })
    return ok({
      period: periodAnswer(query),
      examined: found.examined,
      ...amountAnswer('excess', found.excess),
      ...amountAnswer('estimated_excess', found.estimatedExcess),
      failures: found.failures.map(failureAnswer),
      short_history: found.shortHistory.map(({ agent, action, workflow, seen, needed }) => ({
        agent_name: agent,
        action,
        workflow_name: workflow,
        seen,
        needed,
      })),
      missing: [...found.missing],
    })
  })
})

function failureAnswer(failure: Failure): ForensicsAnswer['failures'][number] {
  const { mode, organization, agent, action, workflow, measure, usual, what, advice, cases } = failure
  return {
    mode,
    organization_id: organization,
    agent_name: agent,
    action,
    workflow_name: workflow,
    measure,
    usual: usual === null ? null : { ...usual },
    what,
    advice,
    ...amountAnswer('excess', excessOf(failure)),
    cases_count: cases.length,
    cases: cases.slice(0, CASES_SHOWN_MAX).map(caseAnswer),
  }
}

function caseAnswer({
  value,
  runId,
  callIds,
  at,
  cost,
  excess,
  excessBy,
}: FailureCase): ForensicsAnswer['failures'][number]['cases'][number] {
  return {
    value,
    workflow_id: runId,
    call_ids: [...callIds],
    at: timeText(at),
    ...amountAnswer('cost', cost),
    ...amountAnswer('excess', excess),
    excess_by: excessBy,
  }
}

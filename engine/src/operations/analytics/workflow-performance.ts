import { type WorkflowAnswer, workflowPerformance as workflowPerformanceEndpoint } from '@purser/contract'
import { workflowPerformance } from '../../insights/index.ts'
import { fail, ok, type Result, refusal } from '../../kernel/index.ts'
import { implement } from '../operation.ts'
import { rounded, totalTokensAnswer, totalUsdAnswer, usdNumber } from '../wire/measures-answer.ts'
import { questionOf } from '../wire/question.ts'
import { answering } from './faults.ts'

/** How is a workflow performing over its executions? */
export const workflowPerformanceOperation = implement(
  workflowPerformanceEndpoint,
  async (context, { workflow_name: workflow, ...input }): Promise<Result<WorkflowAnswer>> => {
    const question = questionOf(context, input)
    if (!question.ok) return question
    return answering(async () => {
      const performance = await workflowPerformance(context.services.calls, { ...question.value.query, workflow })
      if (performance === null) {
        return fail(refusal('not_found', `no execution of "${workflow}" is known here in this period`, { path: '/workflow_name' }))
      }
      return ok({
        workflow_name: workflow,
        total_executions: performance.executions,
        successful: performance.successful,
        failed: performance.failedExecutions,
        running: performance.running,
        success_rate: performance.successRate,
        ...totalUsdAnswer(performance),
        avg_cost_per_execution: usdNumber(performance.averageCost),
        ...totalTokensAnswer(performance),
        avg_tokens_per_execution: rounded(performance.averageTokens),
        total_calls: performance.calls,
        avg_calls_per_execution: rounded(performance.averageCalls),
        avg_duration_seconds: performance.averageDurationMs === null ? null : rounded(performance.averageDurationMs / 1_000),
      })
    })
  },
)

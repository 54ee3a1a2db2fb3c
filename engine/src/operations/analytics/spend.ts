import {
  type AgentsAnswer,
  type ModelsAnswer,
  type SessionsAnswer,
  spendByAgent as spendByAgentEndpoint,
  spendByModel as spendByModelEndpoint,
  spendBySession as spendBySessionEndpoint,
} from '@purser/contract'
import { spendByAgent, spendByModel, spendBySession } from '../../insights/index.ts'
import { ok, type Result } from '../../kernel/index.ts'
import { implement } from '../operation.ts'
import {
  restAnswer,
  rounded,
  spendAnswer,
  timeText,
  tokenKindsAnswer,
  tokensAnswer,
  totalAnswer,
  totalTokensAnswer,
  totalUsdAnswer,
} from '../wire/measures-answer.ts'
import { questionOf } from '../wire/question.ts'
import { answering } from './faults.ts'

/** Lines of an answer when the question gives no limit. */
const LINES = 1_000

/** Which agents drive the spend? */
export const spendByAgentOperation = implement(spendByAgentEndpoint, async (context, input): Promise<Result<AgentsAnswer>> => {
  const question = questionOf(context, input)
  if (!question.ok) return question
  return answering(async () => {
    const spend = await spendByAgent(context.services.calls, { ...question.value.query, limit: input.limit ?? LINES })
    const agents = spend.agents.map((agent): [string, AgentsAnswer['agents'][string]] => [
      agent.agent,
      {
        calls: agent.calls,
        ...tokensAnswer(agent),
        ...spendAnswer(agent),
        models_used: [...agent.modelsUsed],
        failed_calls: agent.failed,
        avg_latency_ms: rounded(agent.averageLatencyMs),
      },
    ])
    return ok({ agents: Object.fromEntries(agents), ...restAnswer(spend), ...totalAnswer(spend.total) })
  })
})

/** Which models drive the spend? */
export const spendByModelOperation = implement(spendByModelEndpoint, async (context, input): Promise<Result<ModelsAnswer>> => {
  const question = questionOf(context, input)
  if (!question.ok) return question
  return answering(async () => {
    const spend = await spendByModel(context.services.calls, { ...question.value.query, limit: input.limit ?? LINES })
    const models = spend.models.map((model): [string, ModelsAnswer['models'][string]] => [
      model.model,
      {
        calls: model.calls,
        ...tokenKindsAnswer(model),
        unmetered_calls: model.unmetered,
        ...spendAnswer(model),
        failed_calls: model.failed,
      },
    ])
    return ok({ models: Object.fromEntries(models), ...restAnswer(spend), ...totalAnswer(spend.total) })
  })
})

/** What does each user session cost? */
export const spendBySessionOperation = implement(spendBySessionEndpoint, async (context, input): Promise<Result<SessionsAnswer>> => {
  const question = questionOf(context, input)
  if (!question.ok) return question
  return answering(async () => {
    const spend = await spendBySession(context.services.calls, { ...question.value.query, limit: input.limit ?? LINES })
    const sessions = spend.sessions.map((session) => ({
      session_id: session.sessionId,
      user_id: session.userId,
      ...totalUsdAnswer(session),
      ...totalTokensAnswer(session),
      total_calls: session.calls,
      workflow_count: session.runs,
      duration_seconds: session.durationMs === null ? null : session.durationMs / 1_000,
      started_at: timeText(session.startedAt ?? session.firstCallAt),
      ended_at: timeText(session.endedAt),
    }))
    return ok({ sessions, truncated: spend.truncated })
  })
})

import { querySql, type SqlAnswer } from '@purser/contract'
import { LIMITS, ok, type Result } from '../../kernel/index.ts'
import { answering } from '../analytics/faults.ts'
import { refreshRecommendations } from '../analytics/recommendations.ts'
import { readScope } from '../authority/scope.ts'
import { implement } from '../operation.ts'

/** The one published table that nothing fills as calls come in: advice is computed when somebody asks for it. */
const ADVICE = /optimization_recommendations/i

/** One read-only SELECT over the published tables and views. */
export const querySqlOperation = implement(querySql, async ({ services, caller }, input): Promise<Result<SqlAnswer>> => {
  const scope = readScope(caller, input.organization_id)
  if (!scope.ok) return scope
  return answering(async () => {
    if (ADVICE.test(input.sql)) await refreshRecommendations(services, scope.value)
    const result = await services.calls.sql({
      scope: scope.value,
      text: input.sql,
      atLeast: services.committer.head(),
      rowsMax: Math.min(input.limit ?? LIMITS.sqlRowsMax, LIMITS.sqlRowsMax),
      msMax: Math.min(input.timeout_ms ?? LIMITS.sqlMsMax, LIMITS.sqlMsMax),
    })
    return ok({ columns: [...result.columns], rows: result.rows.map((row) => [...row]), truncated: result.truncated })
  })
})

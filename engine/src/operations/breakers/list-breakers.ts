import { type BreakersAnswer, listBreakers } from '@purser/contract'
import { ok, type Result } from '../../kernel/index.ts'
import { readScope } from '../authority/scope.ts'
import { implement } from '../operation.ts'
import { breakerAnswer, openBreakers } from '../wire/breaker-answer.ts'

/** The breakers of an organization, and for which values each is open now. */
export const listBreakersOperation = implement(listBreakers, async ({ services, caller }, query): Promise<Result<BreakersAnswer>> => {
  const scope = readScope(caller, query.organization_id)
  if (!scope.ok) return scope
  const organization = 'organization' in scope.value ? scope.value.organization : null
  const now = services.now()
  const [rules, rows] = await Promise.all([services.ledger.breakers(organization), services.ledger.breakerRows(organization)])
  const wanted = rules.filter(
    ({ dimension, measure }) =>
      (query.dimension === undefined || dimension === query.dimension) && (query.measure === undefined || measure === query.measure),
  )
  return ok({ breakers: wanted.map((rule) => ({ ...breakerAnswer(rule), open: openBreakers(rule, rows, now) })) })
})

import { type BreakerRemoved, removeBreaker } from '@purser/contract'
import { fail, ok, type Result, refusal } from '../../kernel/index.ts'
import { organizationOf } from '../authority/scope.ts'
import { implement } from '../operation.ts'
import { breakerAnswer } from '../wire/breaker-answer.ts'

/** Removes a breaker and what it has seen. One of another organization does not exist here. Audited. */
export const removeBreakerOperation = implement(removeBreaker, async ({ services, caller }, input): Promise<Result<BreakerRemoved>> => {
  const said = input.organization_id ?? null
  const organization = said === null ? null : organizationOf(caller, said)
  if (organization !== null && !organization.ok) return organization
  const rules = await services.ledger.breakers(said ?? caller.organization)
  const rule = rules.find(({ id }) => id === input.breaker_id)
  if (rule === undefined) return fail(refusal('not_found', `there is no breaker "${input.breaker_id}" here`, { path: '/breaker_id' }))
  const now = services.now()
  const posted = await services.committer.submit({
    kind: 'record',
    organization: rule.organization,
    recordedAt: now,
    event: { kind: 'breaker_remove', removal: { id: rule.id, at: now } },
    audit: {
      at: now,
      organization: rule.organization,
      actor: caller.actor,
      action: 'remove_breaker',
      target: rule.id,
      before: JSON.stringify(breakerAnswer(rule)),
      after: null,
    },
  })
  return posted.ok ? ok({ breaker_id: rule.id, organization_id: rule.organization }) : posted
})

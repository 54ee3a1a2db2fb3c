import type { KeyCreate } from '@purser/contract'
import { fail, ok, type Result, refusal } from '../../../kernel/index.ts'
import type { KeyRecord } from '../../../ledger/index.ts'
import { grantedTo } from '../../authority/grants.ts'
import { organizationOf } from '../../authority/scope.ts'
import type { Context } from '../../context.ts'
import { anyTime } from '../../validation/index.ts'

/** A new key but for what it is recognised by. */
export type KeyDraft = Omit<KeyRecord, 'prefix' | 'sha256' | 'publicKey'>

/** What is asked for a new key, checked: whose it is, what it may do, until when. A caller bound to an agent makes keys of that agent only. */
export function draftKey({ services, caller }: Context, input: KeyCreate): Result<KeyDraft> {
  const organization = organizationOf(caller, input.organization_id)
  if (!organization.ok) return organization
  const agent = input.agent ?? caller.agent
  if (caller.agent !== null && agent !== caller.agent) {
    return fail(refusal('forbidden', `this key acts for agent "${caller.agent}" only`, { path: '/agent' }))
  }
  const now = services.now()
  const expires = typeof input.expires_at === 'string' ? anyTime(input.expires_at, '/expires_at') : ok(null)
  if (!expires.ok) return expires
  if (expires.value !== null && expires.value <= now) {
    return fail(refusal('invalid_time', 'the key would never work', { path: '/expires_at' }))
  }
  const operations = grantedTo(agent, input.operations ?? (agent === null ? ['report', 'read'] : ['report']), caller)
  if (!operations.ok) return operations
  return ok({
    id: services.newId(),
    organization: organization.value,
    name: input.name,
    agent,
    operations: operations.value,
    team: input.team ?? null,
    project: input.project ?? null,
    costCenter: input.cost_center ?? null,
    createdAt: now,
    expiresAt: expires.value,
    revokedAt: null,
    replacedBy: null,
  })
}

import { ok, type Result } from '../../../kernel/index.ts'
import type { Caller, Services } from '../../context.ts'
import { findOrganization } from '../../tracking/organization-of-call.ts'
import type { Said } from '../passage.ts'
import type { CallAspects, GatewayPolicy } from './policy.ts'

/** The policy that is for a call, and the organization whose it is. What is bound to the key stands in place of what the request says. */
export async function policyOfCall(
  { policies, runOrganizations }: Pick<Services, 'policies' | 'runOrganizations'>,
  caller: Caller,
  said: Said,
  asked: Pick<CallAspects, 'upstream' | 'endpoint' | 'model'>,
): Promise<Result<{ readonly organization: string; readonly policy: GatewayPolicy } | null>> {
  if (policies.isEmpty()) return ok(null)
  const organization = await findOrganization(caller, runOrganizations, said)
  if (!organization.ok) return organization
  const policy = policies.policyFor(organization.value, {
    ...asked,
    key: caller.keyId,
    agent: caller.agent ?? said.agent_name ?? null,
    team: said.team ?? caller.defaults?.team ?? null,
  })
  return ok(policy === null ? null : { organization: organization.value, policy })
}

import {
  type GatewayPolicies,
  type GatewayPolicyAnswer,
  type GatewayPolicyRemoved,
  listGatewayPolicies,
  removeGatewayPolicy,
  setGatewayPolicy,
} from '@purser/contract'
import { fail, ok, type Result, refusal } from '../../../kernel/index.ts'
import { organizationOf } from '../../authority/scope.ts'
import type { Context, Services } from '../../context.ts'
import { implement } from '../../operation.ts'
import { canMeet, type GatewayPolicy } from './policy.ts'
import { POLICIES_ID, POLICIES_KIND, policiesOf } from './policy-desk.ts'
import { statedPolicy } from './stated-policy.ts'

/** As many as are looked at for each call. */
const POLICIES_MAX = 100

/** Declares how calls are cached and routed. Audited; it holds for the next call. */
export const setGatewayPolicyOperation = implement(setGatewayPolicy, async (context, input): Promise<Result<GatewayPolicyAnswer>> => {
  const { services, caller } = context
  const organization = organizationOf(caller, input.organization_id)
  if (!organization.ok) return organization
  const id = input.policy_id ?? services.newId()
  const policy = statedPolicy(input, id, services.upstreams)
  if (!policy.ok) return policy
  const done = await change(context, organization.value, 'set_gateway_policy', id, (kept) => withPolicy(kept, policy.value))
  return done.ok ? ok(answerOf(organization.value, policy.value)) : done
})

export const listGatewayPoliciesOperation = implement(
  listGatewayPolicies,
  async ({ services, caller }, input): Promise<Result<GatewayPolicies>> => {
    const organization = organizationOf(caller, input.organization_id)
    if (!organization.ok) return organization
    const { policies } = await keptPolicies(services, organization.value)
    return ok({ policies: policies.map((policy) => answerOf(organization.value, policy)) })
  },
)

export const removeGatewayPolicyOperation = implement(
  removeGatewayPolicy,
  async (context, input): Promise<Result<GatewayPolicyRemoved>> => {
    const organization = organizationOf(context.caller, input.organization_id)
    if (!organization.ok) return organization
    const id = input.policy_id
    const done = await change(context, organization.value, 'remove_gateway_policy', id, (kept) =>
      kept.some(({ policy_id }) => policy_id === id)
        ? ok(kept.filter(({ policy_id }) => policy_id !== id))
        : fail(refusal('not_found', `there is no policy "${id}" here`, { path: '/policy_id' })),
    )
    return done.ok ? ok({ policy_id: id, organization_id: organization.value }) : done
  },
)

/** Changes the policies of an organization on what they are now; where somebody else was faster it is decided again on theirs. */
async function change(
  { services, caller }: Context,
  organization: string,
  action: string,
  target: string,
  to: (kept: readonly GatewayPolicy[]) => Result<readonly GatewayPolicy[]>,
): Promise<Result<null>> {
  for (;;) {
    const { policies, version } = await keptPolicies(services, organization)
    const changed = to(policies)
    if (!changed.ok) return changed
    const at = services.now()
    const body = JSON.stringify({ policies: changed.value })
    const audit = {
      at,
      organization,
      actor: caller.actor,
      action,
      target,
      before: textOf(policies, target),
      after: textOf(changed.value, target),
    }
    const document = { organization, kind: POLICIES_KIND, id: POLICIES_ID, at, body, basedOn: version }
    if (!(await services.documents.putDocuments([document], [audit]))) continue
    await services.policies.reload()
    return ok(null)
  }
}

function withPolicy(kept: readonly GatewayPolicy[], policy: GatewayPolicy): Result<readonly GatewayPolicy[]> {
  const others = kept.filter(({ policy_id }) => policy_id !== policy.policy_id)
  if (others.length >= POLICIES_MAX) return fail(refusal('too_large', `an organization has at most ${POLICIES_MAX} policies`))
  const rival = others.find((other) => other.priority === policy.priority && canMeet(other, policy))
  if (rival !== undefined) {
    const detail = `policy "${rival.name ?? rival.policy_id}" has the same priority and can match the same call; state which comes first`
    return fail(refusal('invalid_field', detail, { path: '/priority', facts: { policy_id: rival.policy_id } }))
  }
  return ok([...others, policy].sort(inOrder))
}

/** Of the same priority no two match the same call, so any order will do; that of ids is the same for ever. */
function inOrder(left: GatewayPolicy, right: GatewayPolicy): number {
  return left.priority - right.priority || (left.policy_id < right.policy_id ? -1 : 1)
}

async function keptPolicies({ documents }: Pick<Services, 'documents'>, organization: string) {
  const kept = await documents.document({ organization, kind: POLICIES_KIND, id: POLICIES_ID })
  return { policies: kept === null ? [] : policiesOf(kept.body), version: kept?.version ?? 0 }
}

function textOf(policies: readonly GatewayPolicy[], id: string): string | null {
  const policy = policies.find(({ policy_id }) => policy_id === id)
  return policy === undefined ? null : JSON.stringify(policy)
}

function answerOf(organization_id: string, { policy_id, ...policy }: GatewayPolicy): GatewayPolicyAnswer {
  return { policy_id, organization_id, ...policy }
}

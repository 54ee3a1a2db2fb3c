import { listGatewayPoliciesOperation, removeGatewayPolicyOperation, setGatewayPolicyOperation } from './policies.ts'

export { openPolicyDesk, type PolicyDesk } from './policy-desk.ts'
export type { KnownUpstream } from './stated-policy.ts'

export const GATEWAY_POLICY_OPERATIONS = [setGatewayPolicyOperation, listGatewayPoliciesOperation, removeGatewayPolicyOperation] as const

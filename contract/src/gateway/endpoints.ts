import { endpoint } from '../endpoints/endpoint.ts'
import {
  GatewayPolicies,
  GatewayPoliciesQuery,
  GatewayPolicyAnswer,
  GatewayPolicyRemove,
  GatewayPolicyRemoved,
  GatewayPolicySet,
} from './policies.ts'

const family = 'Gateway'

export const setGatewayPolicy = endpoint({
  operation: 'set_gateway_policy',
  method: 'PUT',
  path: '/v1/finops/gateway/policies',
  input: GatewayPolicySet,
  answer: GatewayPolicyAnswer,
  permission: 'manage',
  family,
  summary: 'Declare which calls through the gateway are cached, and which models may answer them',
  description:
    'Nothing is cached or routed unless a policy says so. A policy with a known id is replaced. Refused where it could match the same call as another of the same priority, or names an upstream that does not speak the dialect of the calls it is for.',
  example: {
    input: {
      name: 'Support answers',
      match: { agents: ['support'], endpoints: ['chat'] },
      cache: { mode: 'exact', ttl_seconds: 3600, scope: 'agent' },
    },
  },
})

export const listGatewayPolicies = endpoint({
  operation: 'list_gateway_policies',
  method: 'GET',
  path: '/v1/finops/gateway/policies',
  input: GatewayPoliciesQuery,
  answer: GatewayPolicies,
  permission: 'read',
  family,
  summary: 'The policies of the gateway',
  example: { input: { organization_id: 'org_789' } },
})

export const removeGatewayPolicy = endpoint({
  operation: 'remove_gateway_policy',
  method: 'DELETE',
  path: '/v1/finops/gateway/policies/{policy_id}',
  input: GatewayPolicyRemove,
  answer: GatewayPolicyRemoved,
  permission: 'manage',
  family,
  summary: 'Cache and route by a policy no more',
  example: { input: { policy_id: 'policy_1' } },
})

export const GATEWAY = [setGatewayPolicy, listGatewayPolicies, removeGatewayPolicy] as const

import { Type } from '@sinclair/typebox'
import { Id, Name, Nullable, Time } from '../scalars.ts'
import { AgentField } from './fields.ts'
import { tool } from './tool.ts'

export const createApiKey = tool({
  tool: 'create_api_key',
  title: 'Make a key of an agent',
  description:
    'Makes a key that is bound to one agent: whoever uses it is that agent, whatever a request says. `permissions` are names of tools; left out, the key may use the metered tools, report calls and read what concerns its agent, and may not raise its own limits. The key is shown this once.',
  input: Type.Object(
    {
      ...AgentField,
      label: Name,
      permissions: Type.Optional(
        Type.Array(Type.String({ minLength: 1, maxLength: 64 }), {
          minItems: 1,
          maxItems: 64,
          description: 'Names of tools or operations, or report, read, manage.',
        }),
      ),
    },
    { additionalProperties: false },
  ),
  answer: Type.Object({
    api_key: Type.String({ description: 'The secret, shown this once.' }),
    key_id: Type.String(),
    agent_id: Type.String(),
    label: Type.String(),
    permissions: Type.Array(Type.String()),
    created_at: Time,
  }),
  permission: 'manage',
  effect: 'add',
  example: {
    agent_id: 'researcher-01',
    label: 'researcher-01-production',
    permissions: ['search_services', 'get_balance', 'get_budget_status'],
  },
})

export const rotateApiKey = tool({
  tool: 'rotate_api_key',
  title: 'Replace a key of an agent',
  description:
    'Replaces a key by a new one that may do the same, shown this once. The old key works until `old_key_valid_until`, 300 seconds from now unless `grace_seconds` says otherwise; with 0 it ends at once, which stops an agent that runs away.',
  input: Type.Object(
    {
      ...AgentField,
      key_id: Id,
      grace_seconds: Type.Optional(
        Type.Integer({ minimum: 0, maximum: 2_592_000, default: 300, description: 'How long the old key still works.' }),
      ),
    },
    { additionalProperties: false },
  ),
  answer: Type.Object({
    status: Type.Literal('rotated'),
    old_key_id: Type.String(),
    old_key_valid_until: Nullable(Time),
    key_id: Type.String({ description: 'The new key.' }),
    api_key: Type.String({ description: 'The secret of the new key, shown this once.' }),
    agent_id: Type.String(),
    permissions: Type.Array(Type.String()),
  }),
  permission: 'manage',
  effect: 'replace',
  example: { agent_id: 'researcher-01', key_id: 'key_abc123' },
})

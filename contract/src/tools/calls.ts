import { type TSchema, Type } from '@sinclair/typebox'
import { AuthorizeCall, CallAuthorized, HoldVoided, VoidHold } from '../budgets.ts'
import { CallTracked, TrackCall } from '../tracking.ts'
import { AgentField } from './fields.ts'
import { tool } from './tool.ts'

/** The operation's own fields, and `agent_id` as every tool has it beside `agent_name`. */
function withAgent<T extends TSchema & { readonly properties: Record<string, TSchema> }>(schema: T) {
  return Type.Object({ ...schema.properties, ...AgentField }, { additionalProperties: false })
}

export const authorizeCallTool = tool({
  tool: 'authorize_call',
  title: 'Ask before a model is called',
  description:
    'Holds the most that a call to a model can cost, in every budget that it counts in, or refuses and says which budget refuses, what would fit, and which cheaper models would. Settle it with the same call_id.',
  input: withAgent(AuthorizeCall),
  answer: CallAuthorized,
  permission: 'report',
  effect: 'add',
  idempotencyField: 'call_id',
  example: { agent_id: 'researcher-01', model: 'gpt-4o', input_tokens: 1200, max_output_tokens: 800 },
})

export const settleCallTool = tool({
  tool: 'settle_call',
  title: 'Report what an authorized call used',
  description: 'Posts what a call cost and gives back what was held for it. Also reports calls that were not authorized.',
  input: withAgent(TrackCall),
  answer: CallTracked,
  permission: 'report',
  effect: 'add',
  idempotencyField: 'call_id',
  example: { agent_id: 'researcher-01', call_id: 'call_1', model: 'gpt-4o', input_tokens: 1187, output_tokens: 412 },
})

export const voidHoldTool = tool({
  tool: 'void_hold',
  title: 'Give back what was held for a call',
  description: 'The call is not made: what was held for it is free again.',
  input: withAgent(VoidHold),
  answer: HoldVoided,
  permission: 'report',
  effect: 'replace',
  idempotent: true,
  example: { agent_id: 'researcher-01', call_id: 'call_1', reason: 'cancelled' },
})

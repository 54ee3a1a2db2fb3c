import {
  authorizeCallTool as authorizeDefinition,
  settleCallTool as settleDefinition,
  voidHoldTool as voidDefinition,
} from '@purser/contract'
import { authorizeCallOperation } from '../../budgets/authorize.ts'
import { voidHoldOperation } from '../../budgets/holds.ts'
import { settleCallOperation } from '../../tracking/track-call.ts'
import { implementTool, inside, type ToolContext } from '../tool.ts'

/** Asks before a model is called. */
export const authorizeCallTool = implementTool(authorizeDefinition, (context, input) =>
  authorizeCallOperation.run(inside(context), asOperation(context, input)),
)

/** Reports what an authorized call used. */
export const settleCallTool = implementTool(settleDefinition, (context, input) =>
  settleCallOperation.run(inside(context), asOperation(context, input)),
)

/** Gives back what was held. */
export const voidHoldTool = implementTool(voidDefinition, (context, { agent_id: _, ...input }) =>
  voidHoldOperation.run(inside(context), input),
)

/** The same input with the agent under the name that calls have it by. What the input itself says in `agent_name` stands. */
function asOperation({ agent }: ToolContext, { agent_id, ...input }: { readonly agent_id?: string; readonly agent_name?: string | null }) {
  return { ...input, agent_name: agent_id === undefined ? (input.agent_name ?? agent) : agent }
}

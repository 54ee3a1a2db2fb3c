import type { Tool as Definition } from '@purser/contract'
import type { Static, TSchema } from '@sinclair/typebox'
import { fail, type Result, refusal } from '../../kernel/index.ts'
import { permits } from '../authority/grants.ts'
import type { Caller, Context } from '../context.ts'
import { compileCheck } from '../validation/index.ts'
import { type Asker, agentOf } from './agent.ts'
import { metered } from './metered.ts'

/** What a tool works with: who asks, and the agent that it is about. */
export interface ToolContext extends Context {
  readonly agent: string
  /** The organization that everything happens in. */
  readonly organization: string
}

/** One tool: the same through the envelope and MCP. */
export interface Tool {
  readonly definition: Definition
  /** Whether a key may use it at all. */
  allows(caller: Caller): boolean
  /** Checks permission, input and agent, then does it. Never throws for what a caller can send. */
  run(context: Context, asker: Asker, input: unknown): Promise<Result<unknown>>
}

export type Handle<Input extends TSchema> = (context: ToolContext, input: Static<Input>) => Promise<Result<unknown>>

/** Joins a tool's definition to the function that does it. */
export function implementTool<Input extends TSchema, Answer extends TSchema>(
  definition: Definition<Input, Answer>,
  handle: Handle<Input>,
): Tool {
  const check = compileCheck(definition.input)
  const { tool, permission } = definition
  const allows = (caller: Caller): boolean => permits(caller, permission, tool)
  return {
    definition,
    allows,
    async run({ services, caller }, asker, value) {
      if (!allows(caller)) return fail(refusal('forbidden', `this key may not use ${tool}`, { facts: { tool } }))
      if (!check.accepts(value)) return fail(check.explain(value))
      const agent = agentOf(caller, asker, value)
      if (!agent.ok) return agent
      const own = { services, caller, ...agent.value }
      return definition.metered === true ? metered(own, tool, value as object, () => handle(own, value)) : handle(own, value)
    },
  }
}

/**
 * The context for an operation that a tool is made of. Whether the key may use the tool has been decided; the operations behind it have
 * names of their own, which a key that lists tools does not list.
 */
export function inside({ services, caller }: ToolContext): Context {
  return { services, caller: { ...caller, operations: null } }
}

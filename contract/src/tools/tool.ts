import type { TSchema } from '@sinclair/typebox'
import type { Permission } from '../keys.ts'

/**
 * One tool of the agent wallet family. The envelope `{tool, input}`, the MCP tool and its part of the API document are all made from this:
 * what is written here is written nowhere else.
 */
export interface Tool<Input extends TSchema = TSchema, Answer extends TSchema = TSchema> {
  readonly tool: string
  /** A few words for a list. */
  readonly title: string
  /** What it does and when to use it, for an agent that chooses between tools. */
  readonly description: string
  readonly input: Input
  readonly answer: Answer
  readonly permission: Permission
  /** `read` changes nothing; `add` adds something; `replace` may end or overwrite what was there. */
  readonly effect: 'read' | 'add' | 'replace'
  /** Doing it twice with the same input changes nothing more. */
  readonly idempotent?: true
  /** Each use is a call of the agent: it is refused when a hard budget of the agent is used up, and is in the agent's analytics. */
  readonly metered?: true
  /** Member of the input that an `Idempotency-Key` header becomes when the input does not give it. */
  readonly idempotencyField?: string
  readonly example: Record<string, unknown>
}

/** Keeps the schemas' types, so that a handler knows what it is given. */
export function tool<Input extends TSchema, Answer extends TSchema>(definition: Tool<Input, Answer>): Tool<Input, Answer> {
  return definition
}

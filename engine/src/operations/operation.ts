import type { Endpoint, Permission } from '@purser/contract'
import type { Static, TSchema } from '@sinclair/typebox'
import { fail, type Result, refusal } from '../kernel/index.ts'
import { permits } from './authority/grants.ts'
import type { Caller, Context } from './context.ts'
import { compileCheck } from './validation/index.ts'

/** One capability: the same through every door. */
export interface Operation<C = Context> {
  readonly name: string
  readonly permission: Permission | 'open'
  readonly summary: string
  readonly input: TSchema
  readonly answer: TSchema
  /** Checks the caller's permission and the input, then does it. Never throws for what a caller can send. */
  run(context: C, input: unknown): Promise<Result<unknown>>
}

/** Joins an endpoint's schemas and permission to the function that does it. */
export function implement<Input extends TSchema, Answer extends TSchema, C extends { readonly caller: Caller } = Context>(
  endpoint: Endpoint<Input, Answer>,
  handle: (context: C, input: Static<Input>) => Promise<Result<unknown>>,
): Operation<C> {
  const check = compileCheck(endpoint.input)
  const { operation: name, permission, summary, input, answer } = endpoint
  return {
    name,
    permission,
    summary,
    input,
    answer,
    run(context, value) {
      if (permission !== 'open' && !permits(context.caller, permission, name)) return Promise.resolve(fail(notAllowed(name)))
      if (!check.accepts(value)) return Promise.resolve(fail(check.explain(value)))
      return handle(context, value)
    },
  }
}

function notAllowed(name: string): ReturnType<typeof refusal> {
  return refusal('forbidden', `this key may not use ${name}`, { facts: { operation: name } })
}

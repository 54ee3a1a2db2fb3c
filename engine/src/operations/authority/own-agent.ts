import { fail, ok, type Result, refusal } from '../../kernel/index.ts'
import type { Caller } from '../context.ts'

/**
 * The agent that something is done for: the one that the key is bound to, else the one that is named. A key that is bound to one agent knows of no
 * other: naming one is `not_found`, as if there were none.
 */
export function ownAgent(caller: Caller, named: string, path: string): Result<string> {
  if (caller.agent === null || caller.agent === named) return ok(named)
  return fail(refusal('not_found', `there is no agent "${named}" here`, { path }))
}

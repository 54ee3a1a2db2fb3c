import { fail, isWellFormedText, LIMITS, ok, type Result, refusal } from '../../kernel/index.ts'
import { EVERY_VALUE } from '../../ledger/index.ts'
import { organizationOf } from '../authority/scope.ts'
import type { Caller } from '../context.ts'

/** What a request says of the agent outside of its input. */
export interface Asker {
  /** The `X-Agent-Id` header; null without one. */
  readonly agentHeader: string | null
}

/** Whom a tool is about when nobody says it: all programs that share a key without saying who they are share this agent's wallet. */
const DEFAULT_AGENT = 'default'

/**
 * The agent a tool is about: the one its key is bound to, else the one the input names, else the one of the header, else `default`. A
 * bound key that names another agent is told that there is none (404): it learns nothing about others.
 */
export function agentOf(caller: Caller, { agentHeader }: Asker, input: unknown): Result<{ agent: string; organization: string }> {
  const organization = organizationOf(caller, null)
  if (!organization.ok) return organization
  if (agentHeader !== null && !isName(agentHeader)) {
    return fail(refusal('invalid_field', 'X-Agent-Id is the name of an agent: printable text of at most 256 characters'))
  }
  const named = (input as { readonly agent_id?: string }).agent_id
  const said = named ?? agentHeader
  if (caller.agent !== null && said !== null && said !== caller.agent) {
    return fail(refusal('not_found', `there is no agent "${said.slice(0, 80)}" here`, named === undefined ? {} : { path: '/agent_id' }))
  }
  if (said === EVERY_VALUE)
    return fail(refusal('invalid_field', 'a tool is about one agent, and "*" is no name of one', { path: '/agent_id' }))
  return ok({ agent: caller.agent ?? said ?? DEFAULT_AGENT, organization: organization.value })
}

function isName(text: string): boolean {
  return text.length > 0 && text.length <= LIMITS.nameCharsMax && !/\p{Cc}/u.test(text) && isWellFormedText(text)
}

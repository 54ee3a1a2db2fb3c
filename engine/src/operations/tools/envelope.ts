import { ToolUse } from '@purser/contract'
import { fail, type Refusal, type Result, refusal } from '../../kernel/index.ts'
import type { Context } from '../context.ts'
import { closestTo } from '../validation/closest.ts'
import { compileCheck } from '../validation/index.ts'
import type { Asker } from './agent.ts'
import { TOOLS } from './tools.ts'

/** What the door of the envelope knows beside the body. */
export interface EnvelopeAsker extends Asker {
  /** The `Idempotency-Key` header: becomes the id that the input does not give, where the tool has one. */
  readonly idempotencyKey: string | null
}

const check = compileCheck(ToolUse)

/** Uses the tool that an envelope `{tool, input}` names. Paths of refusals begin at the envelope. */
export async function useEnvelope(context: Context, asker: EnvelopeAsker, body: unknown): Promise<Result<unknown>> {
  const envelope = check(body)
  if (!envelope.ok) return envelope
  const { tool: name, input = {} } = envelope.value
  const tool = TOOLS.get(name)
  if (tool === undefined) return fail(noSuchTool(name))
  const field = tool.definition.idempotencyField
  const given = field === undefined || asker.idempotencyKey === null ? input : { [field]: asker.idempotencyKey, ...input }
  const result = await tool.run(context, asker, given)
  return result.ok || result.error.path === undefined ? result : fail({ ...result.error, path: `/input${result.error.path}` })
}

function noSuchTool(name: string): Refusal {
  const closest = closestTo(name, [...TOOLS.keys()])
  const hint = closest === null ? '' : `; did you mean "${closest}"?`
  return refusal('not_found', `there is no tool "${name}"${hint}`, { path: '/tool', facts: closest === null ? {} : { closest } })
}

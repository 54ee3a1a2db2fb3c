import { createApiKey, type KeyRotated, rotateApiKey, TOOLS } from '@purser/contract'
import { fail, formatInstant, ok, type Result, refusal } from '../../../kernel/index.ts'
import { type KeyRecord, newKeySecret } from '../../../ledger/index.ts'
import { changeOf, keep, keepNew } from '../../administration/keys/key-changes.ts'
import { draftKey } from '../../administration/keys/key-draft.ts'
import { rotateKeyOperation } from '../../administration/keys/rotate-key.ts'
import { coversAll, grantedTo } from '../../authority/grants.ts'
import type { Caller } from '../../context.ts'
import { implementTool, inside, type ToolContext } from '../tool.ts'
import { isSandbox } from '../trade/sandbox.ts'

/**
 * Makes a key of an agent. Its secret is in this answer and nowhere else. A key made in the sandbox says who its agent is and leaves the
 * sandbox open: programs that try things out go on without one.
 */
export const createApiKeyTool = implementTool(createApiKey, async (context, input): Promise<Result<unknown>> => {
  const { services, caller, agent } = context
  const granted = input.permissions === undefined ? ok(usualFor(caller)) : grantedTo(agent, input.permissions, caller)
  if (!granted.ok)
    return fail({
      ...granted.error,
      ...(granted.error.path === undefined ? {} : { path: granted.error.path.replace('/operations', '/permissions') }),
    })
  const asked = { organization_id: context.organization, name: input.label, agent, operations: [...granted.value] }
  const draft = draftKey(inside(context), asked)
  if (!draft.ok) return draft
  const { secret, sha256, prefix } = newKeySecret(services.randomBytes)
  const key: KeyRecord = { ...draft.value, sha256, prefix, publicKey: null }
  if (isSandbox(context)) await keep(services, [changeOf(caller, key.createdAt, 'create_key', null, { ...key, sandbox: true })])
  else await keepNew(services, caller, key)
  return ok({
    api_key: secret,
    key_id: key.id,
    agent_id: agent,
    label: key.name,
    permissions: [...granted.value],
    created_at: formatInstant(key.createdAt),
  })
})

/** What an agent's key may do when nothing is said: report, use metered tools, and read what concerns its agent; as far as its maker may hand that on. */
function usualFor(caller: Caller): readonly string[] {
  const usual = ['report', ...TOOLS.filter(({ permission }) => permission === 'read').map(({ tool }) => tool)]
  return usual.filter((name) => coversAll(caller, [name]))
}

const GRACE_SECONDS = 300

/** Replaces a key of the agent. The old one works for its grace, and not at all where none is given. */
export const rotateApiKeyTool = implementTool(rotateApiKey, async (context, input): Promise<Result<unknown>> => {
  const key = await ownKey(context, input.key_id)
  if (!key.ok) return key
  if (!coversAll(context.caller, key.value.operations)) {
    return fail(refusal('forbidden', 'the key may do more than this one, which therefore cannot take it over', { path: '/key_id' }))
  }
  const rotated = await rotateKeyOperation.run(inside(context), {
    key_id: input.key_id,
    grace_seconds: input.grace_seconds ?? GRACE_SECONDS,
  })
  if (!rotated.ok) return rotated
  const { key: fresh, secret, replaces } = rotated.value as KeyRotated
  return ok({
    status: 'rotated',
    old_key_id: replaces.id,
    old_key_valid_until: replaces.expires_at,
    key_id: fresh.id,
    api_key: secret,
    agent_id: context.agent,
    permissions: fresh.operations ?? [],
  })
})

/** A key of this agent in this organization; any other is not found. */
async function ownKey({ services, organization, agent }: ToolContext, id: string): Promise<Result<KeyRecord>> {
  const key = await services.keys.key(id)
  if (key !== null && key.organization === organization && key.agent === agent) return ok(key)
  return fail(refusal('not_found', `agent "${agent}" has no key "${id.slice(0, 80)}"`, { path: '/key_id' }))
}

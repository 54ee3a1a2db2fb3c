import { type KeysRotated, rotateKeys } from '@purser/contract'
import { fail, type Millis, ok, type Refusal, type Result, refusal } from '../../../kernel/index.ts'
import { endingBy, type KeyChange, type KeyRecord, keyState } from '../../../ledger/index.ts'
import { readScope } from '../../authority/scope.ts'
import type { Caller, Context } from '../../context.ts'
import { implement } from '../../operation.ts'
import { graceOf } from './grace.ts'
import { keyAnswer } from './key-answer.ts'
import { changeOf, isInReach, keep } from './key-changes.ts'
import { planRotation } from './rotate-key.ts'

/**
 * Replaces every key with a secret of an organization, or of some of its agents, in one transaction. Keys that were replaced earlier and still work
 * end with this grace period too. What cannot be rotated is named with its reason and stays as it was.
 */
export const rotateKeysOperation = implement(rotateKeys, async (context, input): Promise<Result<KeysRotated>> => {
  const { services, caller } = context
  const grace = graceOf(input)
  if (!grace.ok) return grace
  const organization = organizationToRotate(caller, input.organization_id)
  if (!organization.ok) return organization
  const now = services.now()
  const agents = input.agents ?? null
  const working = (await services.keys.keys(organization.value)).filter(
    (key) =>
      isInReach(caller, key) && keyState(key, now) === 'active' && (agents === null || (key.agent !== null && agents.includes(key.agent))),
  )
  const { changes, ...told } = planAll(context, working, { now, graceMs: grace.value })
  const missing = (agents ?? []).filter((agent) => !working.some((key) => key.agent === agent))
  await keep(services, changes)
  return ok({
    organization_id: organization.value,
    ...told,
    failed: [...told.failed, ...missing.map(withoutKey)],
  })
})

interface Planned extends Pick<KeysRotated, 'rotated' | 'shortened' | 'signing' | 'failed'> {
  readonly changes: KeyChange[]
}

function planAll(
  { services, caller }: Context,
  keys: readonly KeyRecord[],
  when: { readonly now: Millis; readonly graceMs: number },
): Planned {
  const planned: Planned = { changes: [], rotated: [], shortened: [], signing: [], failed: [] }
  for (const key of keys) {
    if (key.publicKey !== null) {
      planned.signing.push(keyAnswer(key, when.now))
      continue
    }
    if (key.replacedBy !== null) {
      const ending = endingBy(key, when.now + when.graceMs)
      if (ending.expiresAt === key.expiresAt) continue
      planned.changes.push(changeOf(caller, when.now, 'rotate_key', key, ending))
      planned.shortened.push(keyAnswer(ending, when.now))
      continue
    }
    const rotation = planRotation(services, caller, key, when)
    if (rotation.ok) {
      planned.changes.push(...rotation.value.changes)
      planned.rotated.push(rotation.value.answer)
    } else {
      planned.failed.push(failureOf(key, rotation.error))
    }
  }
  return planned
}

/** Every secret of every organization at once would be a slip of the hand, not a wish: a caller for any organization says which. */
function organizationToRotate(caller: Caller, asked: string | null | undefined): Result<string> {
  const scope = readScope(caller, asked)
  if (!scope.ok) return scope
  if ('organization' in scope.value) return ok(scope.value.organization)
  return fail(refusal('missing_field', 'say the organization whose keys are rotated', { path: '/organization_id' }))
}

function failureOf({ id, name, agent }: KeyRecord, { code, detail }: Refusal): KeysRotated['failed'][number] {
  return { key_id: id, name, agent, code, detail }
}

function withoutKey(agent: string): KeysRotated['failed'][number] {
  return { key_id: null, name: null, agent, code: 'not_found', detail: `no key of agent "${agent}" works here` }
}

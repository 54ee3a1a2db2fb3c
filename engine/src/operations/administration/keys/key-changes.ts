import type { KeyCreated } from '@purser/contract'
import { fail, type Millis, ok, type Result, refusal } from '../../../kernel/index.ts'
import { type KeyChange, type KeyRecord, newKeySecret } from '../../../ledger/index.ts'
import type { Caller, Services } from '../../context.ts'
import { newBootstrapKey } from './bootstrap-key.ts'
import { keyAnswer } from './key-answer.ts'

/** A key as it will be, with its entry in the audit trail. */
export function changeOf(caller: Caller, now: Millis, action: string, before: KeyRecord | null, after: KeyRecord): KeyChange {
  const text = (key: KeyRecord): string => JSON.stringify(keyAnswer(key, now))
  const audit = {
    at: now,
    organization: after.organization,
    actor: caller.actor,
    action,
    target: after.id,
    before: before === null ? null : text(before),
    after: text(after),
  }
  return { key: after, audit }
}

/** Stores changes with their audit entries, all or none; from then on requests are let in by them. */
export async function keep(services: Pick<Services, 'keys' | 'keyring'>, changes: readonly KeyChange[]): Promise<void> {
  await services.keys.putKeys(changes)
  for (const { key } of changes) services.keyring.put(key)
}

/**
 * Stores a new key. The first key of a local server closes the open door, so the key that opens everything is made with it, or neither is; its
 * secret is given back.
 */
export async function keepNew(services: Services, caller: Caller, key: KeyRecord): Promise<Pick<KeyCreated, 'admin_secret'>> {
  const admin = services.keyring.isEmpty() ? newKeySecret(services.randomBytes) : null
  const opening = admin === null ? [] : [newBootstrapKey(services, admin)]
  await keep(services, [...opening, changeOf(caller, key.createdAt, 'create_key', null, key)])
  return admin === null ? {} : { admin_secret: admin.secret }
}

/** A key that the caller may see and change: of its organization, and, where it is bound to an agent, of that agent. Another does not exist for it. */
export async function keyInReach({ keys }: Pick<Services, 'keys'>, caller: Caller, id: string): Promise<Result<KeyRecord>> {
  const key = await keys.key(id)
  return key !== null && isInReach(caller, key)
    ? ok(key)
    : fail(refusal('not_found', `there is no key "${id.slice(0, 80)}"`, { path: '/key_id' }))
}

export function isInReach(caller: Caller, key: Pick<KeyRecord, 'organization' | 'agent'>): boolean {
  if (caller.organization !== null && key.organization !== caller.organization) return false
  return caller.agent === null || key.agent === caller.agent
}

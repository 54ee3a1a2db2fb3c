import { createKey, type KeyAnswer, type KeyCreated, listKeys, PERMISSIONS, revokeKey, rotateKey } from '@purser/contract'
import { fail, type Millis, ok, type Result, refusal } from '../../kernel/index.ts'
import { type KeyChange, type KeyRecord, keyState, newKeySecret, revokeKey as revoked, rotateKey as rotated } from '../../ledger/index.ts'
import { organizationOf, readScope } from '../authority/scope.ts'
import type { Caller, Context, Services } from '../context.ts'
import { implement } from '../operation.ts'
import { anyTime } from '../validation/index.ts'
import { timeText } from '../wire/measures-answer.ts'
import { newBootstrapKey } from './bootstrap-key.ts'

const HOUR_MS = 3_600_000
const GRACE_HOURS = 24

/** Makes a key of an organization. Its secret is in this answer and nowhere else. */
export const createKeyOperation = implement(createKey, async (context, input): Promise<Result<KeyCreated>> => {
  const { services, caller } = context
  const organization = organizationOf(caller, input.organization_id)
  if (!organization.ok) return organization
  const now = services.now()
  const expires = typeof input.expires_at === 'string' ? anyTime(input.expires_at, '/expires_at') : ok(null)
  if (!expires.ok) return expires
  if (expires.value !== null && expires.value <= now)
    return fail(refusal('invalid_time', 'the key would never work', { path: '/expires_at' }))
  const agent = input.agent ?? null
  const operations = allowedOperations(context, input.operations ?? null, agent)
  if (!operations.ok) return operations
  const secret = newKeySecret(services.randomBytes)
  const key: KeyRecord = {
    id: services.newId(),
    organization: organization.value,
    name: input.name,
    prefix: secret.prefix,
    sha256: secret.sha256,
    agent,
    operations: operations.value,
    team: input.team ?? null,
    project: input.project ?? null,
    costCenter: input.cost_center ?? null,
    createdAt: now,
    expiresAt: expires.value,
    revokedAt: null,
    replacedBy: null,
  }
  // The first key of a local server closes the open door, so the key that opens everything is made with it, or neither is.
  const admin = services.keyring.isEmpty() ? newKeySecret(services.randomBytes) : null
  const opening = admin === null ? [] : [newBootstrapKey(services, admin)]
  await keep(services, [...opening, changeOf(caller, now, 'create_key', null, key)])
  return ok({ key: keyAnswer(key, now), secret: secret.secret, ...(admin === null ? {} : { admin_secret: admin.secret }) })
})

export const listKeysOperation = implement(listKeys, async ({ services, caller }, input): Promise<Result<unknown>> => {
  const scope = readScope(caller, input.organization_id)
  if (!scope.ok) return scope
  const organization = 'organization' in scope.value ? scope.value.organization : null
  const now = services.now()
  const keys = (await services.keys.keys(organization)).filter((key) => organization === null || key.organization === organization)
  return ok({ keys: keys.map((key) => keyAnswer(key, now)) })
})

/** Replaces a key. The old secret works for the grace period. */
export const rotateKeyOperation = implement(rotateKey, async ({ services, caller }, input): Promise<Result<KeyCreated>> => {
  const key = await keyInReach(services, caller, input.key_id)
  if (!key.ok) return key
  const now = services.now()
  const secret = newKeySecret(services.randomBytes)
  const graceMs = Math.round((input.grace_hours ?? GRACE_HOURS) * HOUR_MS)
  const both = rotated(key.value, { id: services.newId(), secret, now, graceMs, expiresAt: key.value.expiresAt })
  if (!both.ok) return both
  const { fresh, old } = both.value
  await keep(services, [changeOf(caller, now, 'rotate_key', null, fresh), changeOf(caller, now, 'rotate_key', key.value, old)])
  return ok({ key: keyAnswer(fresh, now), secret: secret.secret })
})

/** Ends a key: the next request with it is refused. */
export const revokeKeyOperation = implement(revokeKey, async ({ services, caller }, input): Promise<Result<unknown>> => {
  const key = await keyInReach(services, caller, input.key_id)
  if (!key.ok) return key
  const now = services.now()
  const ended = revoked(key.value, now)
  if (ended !== key.value) await keep(services, [changeOf(caller, now, 'revoke_key', key.value, ended)])
  return ok({ key: keyAnswer(ended, now) })
})

/**
 * What a new key may do: never more than its maker. An agent's key only reports, because what an agent reads is not limited to itself.
 */
function allowedOperations({ caller }: Context, asked: readonly string[] | null, agent: string | null): Result<readonly string[]> {
  const wanted = asked ?? (agent === null ? ['report', 'read'] : ['report'])
  for (const [index, name] of wanted.entries()) {
    const path = `/operations/${index}`
    if (!(PERMISSIONS as readonly string[]).includes(name) && !/^[a-z][a-z_]*$/.test(name)) {
      return fail(refusal('invalid_field', `"${name}" is neither ${PERMISSIONS.join(', ')} nor the name of an operation`, { path }))
    }
    if (agent !== null && name !== 'report') {
      return fail(refusal('invalid_field', 'the key of an agent can only report', { path }))
    }
    if (caller.operations !== null && !caller.operations.includes(name)) {
      return fail(refusal('forbidden', `this key may not hand on "${name}"`, { path }))
    }
  }
  return ok([...new Set(wanted)])
}

/** A key of another organization does not exist for this caller. */
async function keyInReach(services: Services, caller: Caller, id: string): Promise<Result<KeyRecord>> {
  const key = await services.keys.key(id)
  const reachable = key !== null && (caller.organization === null || key.organization === caller.organization)
  return reachable ? ok(key) : fail(refusal('not_found', `there is no key "${id.slice(0, 80)}"`, { path: '/key_id' }))
}

function changeOf(caller: Caller, now: Millis, action: string, before: KeyRecord | null, after: KeyRecord): KeyChange {
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

async function keep(services: Services, changes: readonly KeyChange[]): Promise<void> {
  await services.keys.putKeys(changes)
  for (const { key } of changes) services.keyring.put(key)
}

function keyAnswer(key: KeyRecord, now: number): KeyAnswer {
  return {
    id: key.id,
    organization_id: key.organization,
    name: key.name,
    prefix: key.prefix,
    agent: key.agent,
    operations: key.operations === null ? null : [...key.operations],
    team: key.team,
    project: key.project,
    cost_center: key.costCenter,
    created_at: timeText(key.createdAt) ?? '',
    expires_at: timeText(key.expiresAt),
    revoked_at: timeText(key.revokedAt),
    replaced_by: key.replacedBy,
    status: keyState(key, now),
  }
}

import { type KeyRotated, rotateKey } from '@purser/contract'
import { fail, type Millis, ok, type Result, refusal } from '../../../kernel/index.ts'
import { type KeyChange, type KeyRecord, newKeySecret, rotateKey as rotated } from '../../../ledger/index.ts'
import { coversAll } from '../../authority/grants.ts'
import type { Caller, Services } from '../../context.ts'
import { implement } from '../../operation.ts'
import { graceOf } from './grace.ts'
import { keyAnswer } from './key-answer.ts'
import { changeOf, keep, keyInReach } from './key-changes.ts'

/** Replaces a key. The old secret works for the grace period. */
export const rotateKeyOperation = implement(rotateKey, async ({ services, caller }, input): Promise<Result<KeyRotated>> => {
  const grace = graceOf(input)
  if (!grace.ok) return grace
  const key = await keyInReach(services, caller, input.key_id)
  if (!key.ok) return key
  const rotation = planRotation(services, caller, key.value, { now: services.now(), graceMs: grace.value })
  if (!rotation.ok) return rotation
  await keep(services, rotation.value.changes)
  return ok(rotation.value.answer)
})

/**
 * What rotating a key changes, and what its owner is told; nothing is stored yet. The answer holds a secret that may do what the key may, so
 * it is `forbidden` to a caller who may do less.
 */
export function planRotation(
  services: Pick<Services, 'newId' | 'randomBytes'>,
  caller: Caller,
  key: KeyRecord,
  { now, graceMs }: { readonly now: Millis; readonly graceMs: number },
): Result<{ readonly changes: readonly KeyChange[]; readonly answer: KeyRotated }> {
  if (!coversAll(caller, key.operations)) {
    return fail(refusal('forbidden', `the key "${key.id}" may do more than this one, which therefore cannot take it over`))
  }
  const secret = newKeySecret(services.randomBytes)
  const both = rotated(key, { id: services.newId(), secret, now, graceMs, expiresAt: key.expiresAt })
  if (!both.ok) return both
  const { fresh, old } = both.value
  return ok({
    changes: [changeOf(caller, now, 'rotate_key', null, fresh), changeOf(caller, now, 'rotate_key', key, old)],
    answer: { key: keyAnswer(fresh, now), secret: secret.secret, replaces: keyAnswer(old, now) },
  })
}

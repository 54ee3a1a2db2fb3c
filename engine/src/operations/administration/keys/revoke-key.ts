import { type KeyRevoked, revokeKey } from '@purser/contract'
import { ok, type Result } from '../../../kernel/index.ts'
import { revokeKey as revoked } from '../../../ledger/index.ts'
import { implement } from '../../operation.ts'
import { keyAnswer } from './key-answer.ts'
import { changeOf, keep, keyInReach } from './key-changes.ts'

/** Ends a key: the next request with it is refused. */
export const revokeKeyOperation = implement(revokeKey, async ({ services, caller }, input): Promise<Result<KeyRevoked>> => {
  const key = await keyInReach(services, caller, input.key_id)
  if (!key.ok) return key
  const now = services.now()
  const ended = revoked(key.value, now)
  if (ended !== key.value) await keep(services, [changeOf(caller, now, 'revoke_key', key.value, ended)])
  return ok({ key: keyAnswer(ended, now) })
})

import { type PublicKeyRegistered, registerPublicKey } from '@purser/contract'
import { fail, ok, type Result, refusal } from '../../../kernel/index.ts'
import { type KeyRecord, publicKeyPrefix, readPublicKey } from '../../../ledger/index.ts'
import { implement } from '../../operation.ts'
import { keyAnswer } from './key-answer.ts'
import { isInReach, keepNew } from './key-changes.ts'
import { draftKey } from './key-draft.ts'

/**
 * Registers the public key of an agent, which signs its requests with the private one. An organization registers a key once: one that was
 * revoked may have been lost to somebody, and does not come back.
 */
export const registerPublicKeyOperation = implement(registerPublicKey, async (context, input): Promise<Result<PublicKeyRegistered>> => {
  const { services, caller } = context
  const { public_key, ...asked } = input
  const publicKey = readPublicKey(public_key, '/public_key')
  if (!publicKey.ok) return publicKey
  const draft = draftKey(context, asked)
  if (!draft.ok) return draft
  const known = (await services.keys.keys(draft.value.organization)).find((key) => key.publicKey === publicKey.value)
  if (known !== undefined) {
    const where = isInReach(caller, known) ? ` as "${known.id}"` : ''
    return fail(refusal('id_reused', `this public key is registered already${where}: make a new pair of keys`, { path: '/public_key' }))
  }
  const key: KeyRecord = { ...draft.value, sha256: null, prefix: publicKeyPrefix(publicKey.value), publicKey: publicKey.value }
  const opened = await keepNew(services, caller, key)
  return ok({ key: keyAnswer(key, key.createdAt), ...opened })
})

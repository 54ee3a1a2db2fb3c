import { createKey, type KeyCreated } from '@purser/contract'
import { ok, type Result } from '../../../kernel/index.ts'
import { type KeyRecord, newKeySecret } from '../../../ledger/index.ts'
import { implement } from '../../operation.ts'
import { keyAnswer } from './key-answer.ts'
import { keepNew } from './key-changes.ts'
import { draftKey } from './key-draft.ts'

/** Makes a key of an organization. Its secret is in this answer and nowhere else. */
export const createKeyOperation = implement(createKey, async (context, input): Promise<Result<KeyCreated>> => {
  const { services, caller } = context
  const draft = draftKey(context, input)
  if (!draft.ok) return draft
  const { secret, sha256, prefix } = newKeySecret(services.randomBytes)
  const key: KeyRecord = { ...draft.value, sha256, prefix, publicKey: null }
  const opened = await keepNew(services, caller, key)
  return ok({ key: keyAnswer(key, key.createdAt), secret, ...opened })
})

import { type KeysAnswer, listKeys } from '@purser/contract'
import { ok, type Result } from '../../../kernel/index.ts'
import { readScope } from '../../authority/scope.ts'
import { implement } from '../../operation.ts'
import { keyAnswer } from './key-answer.ts'
import { isInReach } from './key-changes.ts'

/** The keys that the caller may see, with when each was last used. */
export const listKeysOperation = implement(listKeys, async ({ services, caller }, input): Promise<Result<KeysAnswer>> => {
  const scope = readScope(caller, input.organization_id)
  if (!scope.ok) return scope
  const organization = 'organization' in scope.value ? scope.value.organization : null
  const now = services.now()
  const [keys, uses] = await Promise.all([services.keys.keys(organization), services.keyUses.lastUses(organization)])
  const shown = keys.filter((key) => (organization === null || key.organization === organization) && isInReach(caller, key))
  return ok({ keys: shown.map((key) => keyAnswer(key, now, uses.get(key.id) ?? null)) })
})

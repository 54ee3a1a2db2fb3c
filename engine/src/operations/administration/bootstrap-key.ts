import { sha256Hex } from '../../kernel/index.ts'
import { type KeyRecord, newKeySecret } from '../../ledger/index.ts'
import type { Services } from '../context.ts'

const NAME = 'bootstrap'
const PREFIX_CHARS = 13

/**
 * Makes the key that may act for every organization, and gives its secret. With a secret of the operator's own (`PURSER_ADMIN_KEY`) that one is kept;
 * an earlier bootstrap key stays valid until it is revoked.
 */
export async function makeBootstrapKey(
  services: Pick<Services, 'now' | 'newId' | 'randomBytes' | 'keys' | 'keyring'>,
  given: string | null,
): Promise<string> {
  const made = newKeySecret(services.randomBytes)
  const secret = given === null ? made : { secret: given, sha256: sha256Hex(given), prefix: given.slice(0, PREFIX_CHARS) }
  const known = await services.keys.keyBySha256(secret.sha256)
  if (known !== null) return secret.secret
  const now = services.now()
  const key: KeyRecord = {
    id: services.newId(),
    organization: null,
    name: NAME,
    prefix: secret.prefix,
    sha256: secret.sha256,
    agent: null,
    operations: null,
    team: null,
    project: null,
    costCenter: null,
    createdAt: now,
    expiresAt: null,
    revokedAt: null,
    replacedBy: null,
  }
  await services.keys.putKey(key, {
    at: now,
    organization: null,
    actor: 'bootstrap',
    action: 'create_key',
    target: key.id,
    before: null,
    after: JSON.stringify({ id: key.id, name: NAME, prefix: key.prefix }),
  })
  services.keyring.put(key)
  return secret.secret
}

import { sha256Hex } from '../../../kernel/index.ts'
import { type KeyChange, type KeyRecord, type KeySecret, newKeySecret } from '../../../ledger/index.ts'
import type { Services } from '../../context.ts'

const NAME = 'bootstrap'
/** Stands in place of the first characters of a secret that is not ours: it may be short, and then they would be half of it. */
const GIVEN_PREFIX = 'ADMIN_KEY'

/**
 * Makes the key that may act for every organization, and gives its secret. With a secret of the operator's own (`PURSER_ADMIN_KEY`) that one is kept;
 * an earlier bootstrap key stays valid until it is revoked.
 */
export async function makeBootstrapKey(
  services: Pick<Services, 'now' | 'newId' | 'randomBytes' | 'keys' | 'keyring'>,
  given: string | null,
): Promise<string> {
  const made = newKeySecret(services.randomBytes)
  const secret = given === null ? made : { secret: given, sha256: sha256Hex(given), prefix: GIVEN_PREFIX }
  services.keyring.put((await services.keys.keyBySha256(secret.sha256)) ?? (await keepKey(services, secret)))
  return secret.secret
}

/** Keeps a key of the secret. Another node that starts with the same secret of the operator's may have been first: then its key is the answer. */
async function keepKey(services: Pick<Services, 'now' | 'newId' | 'keys'>, secret: KeySecret): Promise<KeyRecord> {
  const change = newBootstrapKey(services, secret)
  try {
    await services.keys.putKeys([change])
    return change.key
  } catch (error) {
    const known = await services.keys.keyBySha256(secret.sha256)
    if (known === null) throw error
    return known
  }
}

/** The bootstrap key of a secret, not kept yet. */
export function newBootstrapKey(services: Pick<Services, 'now' | 'newId'>, secret: Omit<KeySecret, 'secret'>): KeyChange {
  const now = services.now()
  const key: KeyRecord = {
    id: services.newId(),
    organization: null,
    name: NAME,
    prefix: secret.prefix,
    sha256: secret.sha256,
    publicKey: null,
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
  const after = JSON.stringify({ id: key.id, name: NAME, prefix: key.prefix })
  return { key, audit: { at: now, organization: null, actor: 'bootstrap', action: 'create_key', target: key.id, before: null, after } }
}

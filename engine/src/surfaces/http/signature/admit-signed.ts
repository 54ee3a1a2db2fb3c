import type { IncomingMessage } from 'node:http'
import { type Clock, fail, ok, type Result, refusal } from '../../../kernel/index.ts'
import type { Caller, Keyring, SeenNonces } from '../../../operations/index.ts'
import { type ContentDigest, readContentDigest } from './content-digest.ts'
import { messageOf } from './message.ts'
import { judgeSignature } from './policy.ts'
import { verifyMessage } from './verify.ts'

/** A request that a signature lets in. Its body has not been read yet. */
export interface SignedAdmission {
  readonly caller: Caller
  /** What the body must hash to; null where none was announced. */
  readonly digest: ContentDigest | null
}

/**
 * Lets a signed request in as the agent whose public key it names. In this order: what the signature claims and covers, the key, the signature
 * itself, and last its nonce, so that a stranger can use up neither nonces nor memory.
 */
export async function admitSigned(
  request: IncomingMessage,
  rules: { readonly keyring: Keyring; readonly nonces: SeenNonces; readonly now: Clock },
): Promise<Result<SignedAdmission>> {
  const now = rules.now()
  const message = messageOf(request)
  const verified = await verifyMessage(message, (candidate) => {
    const claims = judgeSignature(candidate, message, now)
    if (!claims.ok) return claims
    const signer = rules.keyring.signerOf(claims.value.keyId, now)
    return signer === null ? fail(UNKNOWN) : ok({ ...signer, claims: claims.value })
  })
  if (!verified.ok) return verified
  const header = request.headers['content-digest']
  const digest = typeof header === 'string' ? readContentDigest(header) : ok(null)
  if (!digest.ok) return digest
  const taken = await rules.nonces.take(verified.value.claims, now)
  return taken.ok ? ok({ caller: verified.value.caller, digest: digest.value }) : taken
}

const UNKNOWN = refusal('invalid_signature', 'no public key of this id is registered, or it has expired or was revoked')

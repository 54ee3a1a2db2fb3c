import { createHash, createPrivateKey, type KeyObject, randomBytes, sign } from 'node:crypto'

/** How an agent proves who it is without sending a secret: its public key is registered with the server, the private one stays here. */
export interface SigningOptions {
  /** The id that the server gave to the public key. */
  readonly keyId: string
  /** Ed25519, as PEM (PKCS #8), JWK, or a `KeyObject`. */
  readonly privateKey: string | KeyObject | { readonly kty: string; readonly crv: string; readonly x: string; readonly d: string }
}

/** Makes the headers that sign one request. */
export type Signer = (request: { readonly url: string; readonly body: string }) => Record<string, string>

/** The signer, or why there can be none. */
export function signerOf({ keyId, privateKey }: SigningOptions, now: () => number): Signer | string {
  if (!/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(keyId)) return 'signing.keyId is not the id of a key'
  const key = readKey(privateKey)
  if (key === null) return 'signing.privateKey cannot be read as an Ed25519 private key'
  return ({ url, body }) => signed(key, keyId, { url, body, at: now() })
}

/** RFC 9421 with RFC 9530: a POST to this address with this body, once, within a minute. */
function signed(key: KeyObject, keyId: string, request: { readonly url: string; readonly body: string; readonly at: number }) {
  const created = Math.floor(request.at / 1_000)
  const digest = `sha-256=:${createHash('sha256').update(request.body).digest('base64')}:`
  const nonce = randomBytes(NONCE_BYTES).toString('base64url')
  const parameters = `("@method" "@target-uri" "content-digest");created=${created};expires=${created + VALID_SECONDS};nonce="${nonce}";keyid="${keyId}";alg="ed25519"`
  const base = [
    '"@method": POST',
    `"@target-uri": ${new URL(request.url).href}`,
    `"content-digest": ${digest}`,
    `"@signature-params": ${parameters}`,
  ].join('\n')
  return {
    'content-digest': digest,
    'signature-input': `${LABEL}=${parameters}`,
    signature: `${LABEL}=:${sign(null, Buffer.from(base), key).toString('base64')}:`,
  }
}

const LABEL = 'purser'
const NONCE_BYTES = 16
const VALID_SECONDS = 60

function readKey(given: SigningOptions['privateKey']): KeyObject | null {
  try {
    const key = keyOf(given)
    return key.type === 'private' && key.asymmetricKeyType === 'ed25519' ? key : null
  } catch {
    return null
  }
}

function keyOf(given: SigningOptions['privateKey']): KeyObject {
  if (typeof given === 'string') return createPrivateKey(given)
  return 'asymmetricKeyType' in given ? given : createPrivateKey({ key: { ...given }, format: 'jwk' })
}

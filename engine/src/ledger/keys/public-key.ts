import { createPublicKey, type KeyObject } from 'node:crypto'
import { fail, ok, type Result, refusal } from '../../kernel/index.ts'

/**
 * Reads an Ed25519 public key as a JWK (RFC 8037), as PEM, or as its 32 bytes in base64 or base64url, and gives those bytes in base64url. Refuses
 * `invalid_field`: other kinds of keys, a private key, and the points of small order, for which anybody can sign.
 */
export function readPublicKey(given: unknown, path: string): Result<string> {
  if (holdsPrivateKey(given)) {
    return fail(refusal('invalid_field', 'this is a private key: keep it to yourself, replace it, and send the public one', { path }))
  }
  const x = typeof given === 'string' ? bytesOfText(given.trim()) : bytesOfJwk(given)
  if (x === null) {
    return fail(refusal('invalid_field', 'expected an Ed25519 public key as JWK, PEM, or 32 bytes in base64', { path }))
  }
  if (isOfSmallOrder(x)) return fail(refusal('invalid_field', 'this public key is one of the few for which anybody can sign', { path }))
  return ok(x.toString('base64url'))
}

/** The key to verify signatures with, from its bytes in base64url. */
export function publicKeyObject(x: string): KeyObject {
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
}

/** To recognise it by in a list. */
export function publicKeyPrefix(x: string): string {
  return `${PREFIX_MARK}${x.slice(0, PREFIX_CHARS)}`
}

const PREFIX_MARK = 'ed25519:'
const PREFIX_CHARS = 6
const KEY_BYTES = 32
const BASE64 = /^[A-Za-z0-9+/_-]{43}=?$/

function holdsPrivateKey(given: unknown): boolean {
  if (typeof given === 'string') return given.includes('PRIVATE KEY')
  return typeof given === 'object' && given !== null && 'd' in given
}

function bytesOfText(text: string): Buffer | null {
  if (BASE64.test(text)) return exactBytes(text)
  return text.includes('BEGIN PUBLIC KEY') ? bytesOfKey(text) : null
}

function bytesOfKey(pem: string): Buffer | null {
  try {
    return bytesOfJwk(createPublicKey(pem).export({ format: 'jwk' }))
  } catch {
    return null
  }
}

function bytesOfJwk(given: unknown): Buffer | null {
  if (typeof given !== 'object' || given === null) return null
  const { kty, crv, x } = given as { kty?: unknown; crv?: unknown; x?: unknown }
  return kty === 'OKP' && crv === 'Ed25519' && typeof x === 'string' && BASE64.test(x) ? exactBytes(x) : null
}

/** Of two texts that decode to the same bytes only one is right, so that a key has one spelling. */
function exactBytes(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64')
  const plain = text.replace(/=$/, '').replaceAll('+', '-').replaceAll('/', '_')
  return bytes.length === KEY_BYTES && bytes.toString('base64url') === plain ? bytes : null
}

function isOfSmallOrder(x: Buffer): boolean {
  const withoutSign = Buffer.from(x)
  withoutSign[KEY_BYTES - 1] = (withoutSign[KEY_BYTES - 1] ?? 0) & 0x7f
  return SMALL_ORDER.has(withoutSign.toString('hex'))
}

/** The y coordinates of the points of order 1, 2, 4 and 8 of Curve25519, each with its other spelling below 2^255 where there is one. */
const SMALL_ORDER: ReadonlySet<string> = new Set([
  `00${'00'.repeat(31)}`,
  `01${'00'.repeat(31)}`,
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  `ec${'ff'.repeat(30)}7f`,
  `ed${'ff'.repeat(30)}7f`,
  `ee${'ff'.repeat(30)}7f`,
])

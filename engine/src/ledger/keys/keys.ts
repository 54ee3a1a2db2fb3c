import { timingSafeEqual } from 'node:crypto'
import { assert, fail, type Millis, ok, type RandomBytes, type Result, refusal, sha256Hex } from '../../kernel/index.ts'
import type { KeyRecord } from '../ports.ts'

/** A key as its owner sees it, once. */
export interface KeySecret {
  readonly secret: string
  readonly sha256: string
  readonly prefix: string
}

/** `finops_` and 256 random bits in base64url. With so many bits a plain SHA-256 is enough to keep: there is nothing to guess. */
export function newKeySecret(randomBytes: RandomBytes): KeySecret {
  const bytes = randomBytes(SECRET_BYTES)
  assert(bytes.length === SECRET_BYTES, 'a key has 256 random bits')
  const secret = `${KEY_MARK}${Buffer.from(bytes).toString('base64url')}`
  return { secret, sha256: sha256Hex(secret), prefix: secret.slice(0, PREFIX_CHARS) }
}

/** Whether text has the form of a key at all; anything else needs no look-up. */
export function looksLikeKey(text: string): boolean {
  return KEY_PATTERN.test(text)
}

/** All that has the form of a key in a text. */
export function secretsIn(text: string): string[] {
  return text.match(KEYS_IN_TEXT) ?? []
}

/** A text in which only the first characters are left of all that has the form of a key: for answers and logs. */
export function withoutSecrets(text: string): string {
  return text.replace(KEYS_IN_TEXT, (secret) => `${secret.slice(0, PREFIX_CHARS)}…`)
}

/** Whether the secret is the one this record was made for, in a time that tells nothing about it. */
export function secretMatches(key: KeyRecord, secret: string): boolean {
  if (key.sha256 === null) return false
  const given = Buffer.from(sha256Hex(secret), 'hex')
  const kept = Buffer.from(key.sha256, 'hex')
  return given.length === kept.length && timingSafeEqual(given, kept)
}

/** Active, or why not. The moments named are the first at which it does not work. */
export function keyState(key: KeyRecord, now: Millis): 'active' | 'expired' | 'revoked' {
  if (key.revokedAt !== null && now >= key.revokedAt) return 'revoked'
  return key.expiresAt !== null && now >= key.expiresAt ? 'expired' : 'active'
}

/** Lets a secret in, or refuses it as `unauthenticated` with words for its owner. The record is the one found under the secret's hash. */
export function verifyKey(key: KeyRecord | null, secret: string, now: Millis): Result<KeyRecord> {
  if (key === null || !secretMatches(key, secret)) return fail(refusal('unauthenticated', 'the key is not known'))
  const state = keyState(key, now)
  if (state === 'active') return ok(key)
  const detail = state === 'revoked' ? 'the key has been revoked' : 'the key has expired'
  return fail(refusal('unauthenticated', `${detail} (${key.name}, ${key.prefix}…)`))
}

/**
 * Replaces a key: the new record takes over all that the old one may do, and the old one works for `graceMs` more, or until it would
 * have expired anyway. A key that does not work any more, or was replaced before, cannot be rotated (`already_ended`).
 */
export function rotateKey(
  key: KeyRecord,
  next: {
    readonly id: string
    readonly secret: KeySecret
    readonly now: Millis
    readonly graceMs: number
    readonly expiresAt?: Millis | null
  },
): Result<{ readonly old: KeyRecord; readonly fresh: KeyRecord }> {
  assert(next.graceMs >= 0, 'a grace period is not negative')
  assert(next.id !== key.id, 'a new key has an id of its own')
  const state = keyState(key, next.now)
  if (state !== 'active') return fail(refusal('already_ended', `the key "${key.id}" is ${state}; make a new one`))
  if (key.replacedBy !== null) return fail(refusal('already_ended', `the key "${key.id}" has been replaced by "${key.replacedBy}"`))
  if (key.sha256 === null) {
    const detail = `the key "${key.id}" signs, and its private half is not ours to replace: register another public key and revoke this one`
    return fail(refusal('already_ended', detail))
  }
  const fresh: KeyRecord = {
    ...key,
    id: next.id,
    prefix: next.secret.prefix,
    sha256: next.secret.sha256,
    createdAt: next.now,
    expiresAt: next.expiresAt ?? null,
    revokedAt: null,
    replacedBy: null,
  }
  return ok({ old: { ...endingBy(key, next.now + next.graceMs), replacedBy: next.id }, fresh })
}

/** The key, ending at a moment at the latest. */
export function endingBy(key: KeyRecord, end: Millis): KeyRecord {
  return { ...key, expiresAt: key.expiresAt === null ? end : Math.min(key.expiresAt, end) }
}

/** Stops a key at once. Doing it again keeps the first moment. */
export function revokeKey(key: KeyRecord, now: Millis): KeyRecord {
  return key.revokedAt === null ? { ...key, revokedAt: now } : key
}

const KEY_MARK = 'finops_'
const SECRET_BYTES = 32
const PREFIX_CHARS = KEY_MARK.length + 6
const KEY_PATTERN = /^finops_[A-Za-z0-9_-]{43}$/
/** Also where more follows that a key could not hold: what is a key with a letter too many was one before somebody mistyped it. */
const KEYS_IN_TEXT = /finops_[A-Za-z0-9_-]{43}/g

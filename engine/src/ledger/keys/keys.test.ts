import { describe, expect, it } from 'vitest'
import type { KeyRecord } from '../ports.ts'
import { keyState, looksLikeKey, newKeySecret, revokeKey, rotateKey, secretMatches, secretsIn, verifyKey, withoutSecrets } from './keys.ts'

const bytes = (fill: number) => (count: number) => new Uint8Array(count).fill(fill)
const first = newKeySecret(bytes(1))
const second = newKeySecret(bytes(2))

const key: KeyRecord = {
  id: 'k1',
  organization: 'org',
  name: 'ci',
  prefix: first.prefix,
  sha256: first.sha256,
  publicKey: null,
  agent: 'A',
  operations: ['track_call'],
  team: 't',
  project: null,
  costCenter: null,
  createdAt: 1000,
  expiresAt: null,
  revokedAt: null,
  replacedBy: null,
}

describe('keys', () => {
  it('are 256 random bits, recognised by a prefix that is not the secret', () => {
    expect(first.secret).toMatch(/^finops_[A-Za-z0-9_-]{43}$/)
    expect(Buffer.from(first.secret.slice(7), 'base64url')).toEqual(Buffer.alloc(32, 1))
    expect(first.secret.startsWith(first.prefix)).toBe(true)
    expect(first.prefix).toHaveLength(13)
    expect(first.sha256).not.toBe(second.sha256)
    expect(looksLikeKey(first.secret)).toBe(true)
    for (const text of ['', 'finops_', `${first.secret}x`, first.secret.slice(0, -1), `sk_${first.secret.slice(7)}`])
      expect(looksLikeKey(text)).toBe(false)
  })

  it('are found in any text, and only their first characters are left of them', () => {
    const text = `a ${first.secret}x/"${second.secret}" finops_short`
    expect(secretsIn(text)).toEqual([first.secret, second.secret])
    expect(withoutSecrets(text)).toBe(`a ${first.prefix}…x/"${second.prefix}…" finops_short`)
    expect([secretsIn(''), withoutSecrets('finops_')]).toEqual([[], 'finops_'])
  })

  it('let only their own secret in', () => {
    expect(secretMatches(key, first.secret)).toBe(true)
    expect(secretMatches(key, second.secret)).toBe(false)
    expect(secretMatches({ ...key, sha256: 'short' }, first.secret)).toBe(false)
    expect(verifyKey(key, first.secret, 2000)).toEqual({ ok: true, value: key })
    expect(verifyKey(key, second.secret, 2000)).toMatchObject({ ok: false, error: { code: 'unauthenticated' } })
    expect(verifyKey(null, first.secret, 2000)).toMatchObject({ ok: false, error: { code: 'unauthenticated' } })
  })

  it.each([
    [{ expiresAt: 2000 }, 1999, 'active'],
    [{ expiresAt: 2000 }, 2000, 'expired'],
    [{ revokedAt: 2000 }, 1999, 'active'],
    [{ revokedAt: 2000 }, 2000, 'revoked'],
    [{ revokedAt: 2000, expiresAt: 1500 }, 2500, 'revoked'],
  ] as const)('%o at %i is %s', (changed, now, state) => {
    expect(keyState({ ...key, ...changed }, now)).toBe(state)
    expect(verifyKey({ ...key, ...changed }, first.secret, now).ok).toBe(state === 'active')
  })

  it('rotate with a grace period in which both work', () => {
    const rotated = rotateKey(key, { id: 'k2', secret: second, now: 5000, graceMs: 100 })
    if (!rotated.ok) throw new Error('the key is active')
    const { old, fresh } = rotated.value
    expect([keyState(old, 5099), keyState(old, 5100), keyState(fresh, 5100)]).toEqual(['active', 'expired', 'active'])
    expect(old.replacedBy).toBe('k2')
    expect(fresh).toEqual({ ...key, id: 'k2', prefix: second.prefix, sha256: second.sha256, createdAt: 5000 })
    expect(rotateKey(old, { id: 'k3', secret: second, now: 5050, graceMs: 0 })).toMatchObject({
      ok: false,
      error: { code: 'already_ended' },
    })
    expect(rotateKey(revokeKey(key, 1), { id: 'k3', secret: second, now: 5050, graceMs: 0 })).toMatchObject({ ok: false })
  })

  it('do not live longer by being rotated, and stay revoked from the first moment', () => {
    const rotated = rotateKey({ ...key, expiresAt: 5050 }, { id: 'k2', secret: second, now: 5000, graceMs: 100 })
    expect(rotated.ok && rotated.value.old.expiresAt).toBe(5050)
    expect(revokeKey(revokeKey(key, 5), 9).revokedAt).toBe(5)
  })
})

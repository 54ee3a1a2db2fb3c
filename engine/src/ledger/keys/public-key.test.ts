import { verify } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { publicKeyObject, publicKeyPrefix, readPublicKey } from './public-key.ts'

interface Table {
  readonly valid: readonly { readonly name: string; readonly given: unknown; readonly x: string }[]
  readonly invalid: readonly { readonly name: string; readonly given: unknown; readonly detail: string }[]
}

const table = JSON.parse(readFileSync(new URL('../../../../conformance/keys/public-keys.json', import.meta.url), 'utf8')) as Table

describe('a public key', () => {
  it.each(table.valid)('can be given as $name', ({ given, x }) => {
    expect(readPublicKey(given, '/public_key')).toEqual({ ok: true, value: x })
    expect(publicKeyObject(x).export({ format: 'jwk' })).toEqual({ kty: 'OKP', crv: 'Ed25519', x })
  })

  it.each(table.invalid)('is refused: $name', ({ given, detail }) => {
    const read = readPublicKey(given, '/public_key')
    expect(read).toMatchObject({ ok: false, error: { code: 'invalid_field', path: '/public_key' } })
    expect(read.ok ? '' : read.error.detail).toContain(detail)
  })

  it('is refused exactly where anybody can sign: each point of small order takes a signature that nobody made', () => {
    const forged = Buffer.concat([Buffer.from([1]), Buffer.alloc(63)])
    const weak = table.invalid.filter(({ detail }) => detail === 'anybody can sign')
    const takesForgery = (x: string): boolean => {
      const key = publicKeyObject(x)
      return Array.from({ length: 200 }, (_, n) => Buffer.from(`message ${n}`)).some((message) => verify(null, message, key, forged))
    }
    // OpenSSL refuses to decode coordinates that are not below the prime; other verifiers do not.
    const canonical = weak.filter(({ name }) => !name.includes('spelled'))
    expect(canonical).toHaveLength(6)
    for (const { name, given } of canonical)
      expect(takesForgery(Buffer.from(String(given), 'base64').toString('base64url')), name).toBe(true)
    for (const { x } of table.valid) expect(takesForgery(x)).toBe(false)
  })

  it('is recognised by its first characters', () => {
    expect(publicKeyPrefix('JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs')).toBe('ed25519:JrQLj5')
  })
})

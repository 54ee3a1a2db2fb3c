import { createHash } from 'node:crypto'
import { assert } from './assert.ts'

/**
 * JSON text that is the same for equal values: object keys sorted by UTF-16 code units, no white space, numbers as ECMAScript
 * prints them (RFC 8785, JSON Canonicalization Scheme). Members that are `undefined` are left out, as `JSON.stringify` does.
 * Throws on what JSON cannot carry (NaN, bigint, functions): a hash over a guess would be worse than a crash.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'number') {
    assert(Number.isFinite(value), 'canonicalJson: a number must be finite')
    return JSON.stringify(value)
  }
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item)).join(',')}]`
  assert(typeof value === 'object', `canonicalJson: a ${typeof value} has no JSON form`)
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`)
  return `{${members.join(',')}}`
}

/** SHA-256 in lower-case hexadecimal; text is hashed as UTF-8. */
export function sha256Hex(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}

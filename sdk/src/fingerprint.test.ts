import fc from 'fast-check'
import { expect, it } from 'vitest'
import { fingerprintOf } from './fingerprint.ts'

const request = { model: 'gpt-4o', messages: [{ role: 'user', content: 'Hello' }], temperature: 0 }

it('is equal for equal requests, whatever the order of keys, and for a stream of the same', () => {
  const same = {
    temperature: 0,
    stream: true,
    stream_options: { include_usage: true },
    messages: [{ content: 'Hello', role: 'user' }],
    model: 'gpt-4o',
  }
  expect(fingerprintOf(request)).toBe(fingerprintOf(same))
  expect(fingerprintOf(request)).toMatch(/^h1:[A-Za-z0-9_-]{43}$/)
})

it('depends on the key', () => {
  expect(fingerprintOf(request, 'a')).not.toBe(fingerprintOf(request, 'b'))
  expect(fingerprintOf(request, 'a')).toBe(fingerprintOf(request, 'a'))
})

it('differs for requests that differ', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (left, right) => {
      const isSame = canonical(left) === canonical(right)
      expect(fingerprintOf(left, 'k') === fingerprintOf(right, 'k')).toBe(isSame)
    }),
    { numRuns: 500 },
  )
})

it('is left out for what is too large or too deep, and never throws', () => {
  const loop: unknown[] = []
  loop.push(loop)
  expect(fingerprintOf(loop)).toBeNull()
  expect(fingerprintOf({ text: 'x'.repeat(5_000_000) })).toBeNull()
  expect(fingerprintOf({ audio: new Uint8Array([1]), n: 1n, u: undefined })).toMatch(/^h1:/)
})

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value === 'object' && value !== null) {
    const ignored = ['stream', 'stream_options', 'metadata']
    const entries = Object.entries(value).filter(([key]) => !ignored.includes(key))
    return `{${entries
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`)
      .join(',')}}`
  }
  return Object.is(value, -0) ? '0' : (JSON.stringify(value) ?? 'undefined')
}

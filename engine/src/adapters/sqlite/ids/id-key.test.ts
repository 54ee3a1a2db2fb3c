import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { uuidv7Source } from '../../../kernel/index.ts'
import { idKey, uuidv7Seconds } from './id-key.ts'

const SECRET = [0x1234567, -0x7654321] as const

describe('the key of an id', () => {
  it('is a whole number that a double holds, the same each time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), fc.constantFrom('call', 'run_start'), (id, kind) => {
        const key = idKey(SECRET, kind, id)
        expect(Number.isSafeInteger(key)).toBe(true)
        expect(idKey(SECRET, kind, id)).toBe(key)
      }),
    )
  })

  it('is scattered by secret, kind and id', () => {
    const keys = new Set<number>()
    for (const kind of ['call', 'run_end']) for (let at = 0; at < 20_000; at++) keys.add(idKey(SECRET, kind, `id-${at}`))
    expect(keys.size).toBe(40_000)
    expect(idKey([1, 2], 'call', 'id-1')).not.toBe(idKey([1, 3], 'call', 'id-1'))
    expect(idKey(SECRET, 'call', 'a')).not.toBe(idKey(SECRET, 'call', 'a\u0000'))
  })

  it('goes up with the time of a UUIDv7', () => {
    let now = 1_800_000_000_000
    const newId = uuidv7Source(
      () => now,
      (count) => new Uint8Array(count).fill(7),
    )
    const keys = Array.from({ length: 50 }, () => {
      now += 1000
      return idKey(SECRET, 'call', newId())
    })
    expect(keys).toEqual([...keys].sort((a, b) => a - b))
    expect(keys.every((key) => key >= 0)).toBe(true)
  })

  it.each([
    ['a UUIDv4', '0198c7a0-0000-4000-8000-000000000000'],
    ['no dashes', '0198c7a0000070008000000000000000aaaa'],
    ['not hexadecimal', '0198c7g0-0000-7000-8000-000000000000'],
    ['before 2020', '00000000-0000-7000-8000-000000000000'],
    ['far off', 'ffffffff-ffff-7000-8000-000000000000'],
  ])('reads no time from %s', (_, id) => {
    expect(uuidv7Seconds(id)).toBeNull()
    expect(idKey(SECRET, 'call', id)).toBeLessThan(0)
  })
})

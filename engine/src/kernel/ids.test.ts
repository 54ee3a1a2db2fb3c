import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pooledRandomBytes, uuidv7Source } from './ids.ts'

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const zeros = (count: number): Uint8Array => new Uint8Array(count)

describe('uuidv7Source', () => {
  it('makes ids that are unique and in order within one millisecond, without any help from chance', () => {
    const newId = uuidv7Source(() => 1_790_000_000_000, zeros)
    const ids = Array.from({ length: 10_000 }, newId)
    expect(new Set(ids).size).toBe(ids.length)
    expect([...ids].sort()).toEqual(ids)
    expect(ids.every((id) => UUID_V7.test(id))).toBe(true)
  })

  it('keeps the order whatever the clock does', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 2 ** 47 }), { minLength: 2, maxLength: 50 }), (times) => {
        let next = 0
        const newId = uuidv7Source(() => times[next++]!, zeros)
        const ids = times.map(() => newId())
        expect(new Set(ids).size).toBe(ids.length)
        expect([...ids].sort()).toEqual(ids)
      }),
      { seed: 1 },
    )
  })

  it('carries the time in its first 48 bits', () => {
    const at = 1_790_000_000_123
    const id = uuidv7Source(() => at, zeros)()
    expect(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toBe(at)
  })

  it('gives the same ids for the same clock and bytes', () => {
    const world = (): string[] => {
      let at = 1_000
      const newId = uuidv7Source(
        () => at++,
        (count) => new Uint8Array(count).fill(at % 256),
      )
      return Array.from({ length: 20 }, newId)
    }
    expect(world()).toEqual(world())
  })

  it('differs where the bytes differ', () => {
    const idOf = (byte: number): string =>
      uuidv7Source(
        () => 1_000,
        (count) => new Uint8Array(count).fill(byte),
      )()
    expect(idOf(1)).not.toBe(idOf(2))
  })
})

describe('pooled random bytes', () => {
  it('are the bytes of the source, each handed out once', () => {
    let next = 0
    const asked: number[] = []
    const source = (count: number): Uint8Array => {
      asked.push(count)
      return Uint8Array.from({ length: count }, () => next++ % 256)
    }
    const pooled = pooledRandomBytes(source)
    const drawn = Array.from({ length: 600 }, () => pooled(16))
    expect(drawn.flatMap((bytes) => [...bytes]).slice(0, 4_096)).toEqual(Array.from({ length: 4_096 }, (_, index) => index % 256))
    expect(asked).toEqual([4_096, 4_096, 4_096])
    expect(pooled(5_000)).toHaveLength(5_000)
  })
})

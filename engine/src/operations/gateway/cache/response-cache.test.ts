import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Usage } from '../../../usage/index.ts'
import { type CachedAnswer, createResponseCache } from './response-cache.ts'
import { similarity, type UnitVector, unitVector } from './vector.ts'

const USAGE: Usage = {
  seller: 'openai',
  modelRequested: 'm',
  modelServed: 'm',
  at: 0,
  inferences: [],
  context: {},
  notes: [],
  outcome: { ok: true },
}
const BOUNDS = { bytesMax: 1_000_000, bucketMax: 10 }

function answer(text: string, storedAt: number): CachedAnswer {
  return { body: new TextEncoder().encode(text), contentType: 'application/json', usage: USAGE, storedAt, callId: text }
}

function towards(...values: number[]): UnitVector {
  const vector = unitVector(values)
  if (vector === null) throw new Error('a vector has a direction')
  return vector
}

describe('the cache of answers', () => {
  it('gives an answer until it is too old, for the policy that kept it or the one that asks', () => {
    let at = 1_000
    const cache = createResponseCache(() => at, BOUNDS)
    expect(cache.find('k', 1e9)).toBeNull()
    cache.keep('k', answer('a', at), 500)
    expect(cache.find('k', 1e9)?.callId).toBe('a')
    at = 1_200
    expect(cache.find('k', 200)).toBeNull()
    expect(cache.find('k', 201)?.callId).toBe('a')
    at = 1_499
    expect(cache.find('k', 1e9)?.callId).toBe('a')
    at = 1_501
    expect(cache.find('k', 1e9)).toBeNull()
  })

  it('forgets what is too old also when nobody asks', () => {
    let at = 1_000
    const cache = createResponseCache(() => at, BOUNDS)
    cache.keep('k', answer('a', at), 500, { bucket: 'b', vector: towards(1, 0) })
    cache.keep('l', answer('a', at), 5_000)
    at = 2_000
    expect(cache.size().answers).toBe(2)
    cache.sweep()
    expect(cache.size().answers).toBe(1)
    expect(cache.nearest('b', towards(1, 0), 0.1, 1e9)).toBeNull()
  })

  it('finds the nearest that is near enough and young enough, of its own bucket alone', () => {
    let at = 1_000
    const cache = createResponseCache(() => at, BOUNDS)
    const keep = (key: string, bucket: string, vector: UnitVector) => cache.keep(key, answer(key, at), 10_000, { bucket, vector })
    keep('far', 'b', towards(0, 1))
    keep('near', 'b', towards(1, 0.1))
    keep('elsewhere', 'c', towards(1, 0))
    keep('other model', 'b', towards(1, 0, 0))
    const asked = towards(1, 0)
    const found = cache.nearest('b', asked, 0.9, 1e9)
    expect(found?.answer.callId).toBe('near')
    expect(found?.similarity).toBeCloseTo(1 / Math.hypot(1, 0.1), 6)
    expect(cache.nearest('b', asked, 0.996, 1e9)).toBeNull()
    expect(cache.nearest('d', asked, 0.1, 1e9)).toBeNull()
    at = 2_000
    expect(cache.nearest('b', asked, 0.9, 1_000)).toBeNull()
    keep('younger', 'b', towards(1, 0.1))
    expect(cache.nearest('b', asked, 0.9, 1e9)?.answer.callId).toBe('younger')
  })

  it('compares so many of a bucket at most: the oldest gives way', () => {
    const cache = createResponseCache(() => 1_000, { ...BOUNDS, bucketMax: 3 })
    for (let index = 0; index < 5; index++)
      cache.keep(`k${index}`, answer(`k${index}`, 1_000), 1_000, { bucket: 'b', vector: towards(Math.cos(index), Math.sin(index)) })
    expect(cache.size().answers).toBe(3)
    expect(cache.nearest('b', towards(1, 0), 0.999, 1e9)).toBeNull()
    expect(cache.nearest('b', towards(Math.cos(2), Math.sin(2)), 0.999, 1e9)?.answer.callId).toBe('k2')
    // The same request once more takes its own place.
    cache.keep('k2', answer('again', 1_000), 1_000, { bucket: 'b', vector: towards(Math.cos(2), Math.sin(2)) })
    expect(cache.size().answers).toBe(3)
    expect(cache.nearest('b', towards(Math.cos(2), Math.sin(2)), 0.999, 1e9)?.answer.callId).toBe('again')
  })

  it('never holds more bytes than it may, and every vector in a bucket is of an answer that it holds', () => {
    const step = fc.record({
      key: fc.integer({ min: 0, max: 30 }),
      bytes: fc.integer({ min: 0, max: 12_000 }),
      bucket: fc.option(fc.constantFrom('a', 'b')),
      angle: fc.double({ min: 0, max: 6, noNaN: true }),
      wait: fc.integer({ min: 0, max: 50 }),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let at = 1_000
        const cache = createResponseCache(() => at, { bytesMax: 40_000, bucketMax: 4 })
        for (const { key, bytes, bucket, angle, wait } of steps) {
          at += wait
          const turn = bucket === null ? undefined : { bucket, vector: towards(Math.cos(angle), Math.sin(angle)) }
          cache.keep(`k${key}`, { ...answer(`k${key}`, at), body: new Uint8Array(bytes) }, 300, turn)
          expect(cache.size().bytes).toBeLessThanOrEqual(40_000)
          for (const name of ['a', 'b']) {
            const found = cache.nearest(name, towards(1, 0), -1, 1e9)
            if (found !== null) expect(cache.find(found.answer.callId, 1e9)).toBe(found.answer)
          }
        }
      }),
      { numRuns: 60 },
    )
  })

  it('does not keep what is larger than all it may hold', () => {
    const cache = createResponseCache(() => 1_000, { ...BOUNDS, bytesMax: 4_000 })
    expect(cache.keep('k', { ...answer('k', 1_000), body: new Uint8Array(4_000) }, 1_000)).toBe(false)
    expect(cache.size()).toEqual({ answers: 0, bytes: 0 })
  })
})

describe('vectors', () => {
  it.each([[[]], [[0, 0]], [[1, Number.NaN]], [[1, '2']], [null], ['AAAA'], [[1e200, 1e200]]])('%j has no direction', (values) => {
    expect(unitVector(values)).toBeNull()
  })

  it('are as similar as their angle says, whatever their lengths', () => {
    const part = fc.double({ min: -1e3, max: 1e3, noNaN: true })
    fc.assert(
      fc.property(fc.array(part, { minLength: 2, maxLength: 8 }), fc.double({ min: 1e-3, max: 1e3, noNaN: true }), (values, factor) => {
        const one = unitVector(values)
        const other = unitVector(values.map((value) => value * factor))
        fc.pre(one !== null && other !== null && values.some((value) => Math.abs(value) > 1e-3))
        expect(similarity(one!, other!)).toBeCloseTo(1, 5)
        expect(
          similarity(
            one!,
            one!.map((value) => -value),
          ),
        ).toBeCloseTo(-1, 5)
      }),
    )
  })
})

import { describe, expect, it } from 'vitest'
import { skipReason } from '../../../conformance/recorded.ts'
import { usdOfPicos, ZERO } from '../../src/kernel/index.ts'
import { compareAll, compareTtl } from './compare.ts'
import { BLOCK_TOKENS, MOONCAKE, mooncakeTrace, type TracedRequest } from './mooncake.ts'
import { simulatePrefixCache } from './prefix-cache.ts'

const MINUTE = 60_000

function request(minute: number, session: string, blocks: readonly number[]): TracedRequest {
  return { atMs: minute * MINUTE, inputTokens: blocks.length * BLOCK_TOKENS + 10, outputTokens: 100, blocks, session }
}

describe('the simulated cache', () => {
  const requests = [
    request(0, 'a', [1, 2]),
    request(4, 'a', [1, 2, 3]),
    request(8, 'a', [1, 2, 3, 4]),
    request(20, 'b', [1, 9]),
    request(90, 'a', [1, 2]),
  ]

  it('keeps a block for its lifetime after its last use, by anybody', () => {
    const read = (ttlMinutes: number) => simulatePrefixCache(requests, ttlMinutes * MINUTE).map((use) => use.read / BLOCK_TOKENS)
    expect(read(5)).toEqual([0, 2, 3, 0, 0])
    expect(read(60)).toEqual([0, 2, 3, 1, 0])
    expect(read(70)).toEqual([0, 2, 3, 1, 1])
  })

  it('counts every token of the input once', () => {
    for (const [index, { read, written, plain }] of simulatePrefixCache(requests, 5 * MINUTE).entries()) {
      expect(read + written + plain).toBe(requests[index]?.inputTokens)
    }
  })
})

describe('the estimate of a longer lifetime', () => {
  it('is exact where conversations go on from themselves and pause', () => {
    const blocks = Array.from({ length: 60 }, (_, index) => index)
    // Ten conversations of calls two minutes apart, with a pause of half an hour in the middle.
    const trace = Array.from({ length: 10 }, (_, session) => session).flatMap((session) =>
      Array.from({ length: 8 }, (_, turn) =>
        request(
          turn * 2 + (turn < 4 ? 0 : 30),
          `s${session}`,
          blocks.slice(0, 20 + turn).map((block) => session * 100 + block),
        ),
      ),
    )
    const { predicted, trueSaving, isInRange } = compareTtl(
      'made up',
      trace.sort((left, right) => left.atMs - right.atMs),
      true,
    )
    expect(trueSaving).toBeGreaterThan(0n)
    expect(predicted.saving).toBe(trueSaving)
    expect(isInRange).toBe(true)
  })

  const reason = skipReason(MOONCAKE)
  it.skipIf(reason !== null)(`comes near the truth on recorded conversations${reason === null ? '' : ` (${reason})`}`, () => {
    const comparisons = compareAll(mooncakeTrace() ?? [])
    expect(comparisons.filter(({ isInRange }) => !isInRange)).toEqual([])
    const known = comparisons.filter(({ errorOfCost }) => errorOfCost !== null)
    expect(known).toHaveLength(comparisons.length - 1)
    for (const { what, errorOfCost } of known) expect(Math.abs(errorOfCost ?? 1), what).toBeLessThan(0.015)
    const [whole] = comparisons
    expect(Math.abs(whole?.errorOfSaving ?? 1)).toBeLessThan(0.01)
    expect(usdOfPicos(whole?.trueSaving ?? ZERO)).toMatch(/^-156\.8/)
  })
})

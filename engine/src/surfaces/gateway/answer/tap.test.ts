import { brotliCompressSync, constants, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../../kernel/index.ts'
import { type ResponseReader, responseReader } from '../../../usage/index.ts'
import { tapOf } from './tap.ts'

const MIB = 1024 * 1024

describe('an answer that is compressed', () => {
  const fast = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }

  it.each([
    ['gzip', (bytes: Buffer) => gzipSync(bytes)],
    ['br', (bytes: Buffer) => brotliCompressSync(bytes, fast)],
    ['deflate', (bytes: Buffer) => deflateSync(bytes)],
  ])('is not unpacked beyond what an answer may have: %s', async (encoding, compress) => {
    const bomb = compress(Buffer.alloc(LIMITS.gatewayBodyBytesMax + 64 * MIB))
    let unpackedBytes = 0
    const reader = responseReader({ at: 0, seller: 'openai', status: 200 })
    const counting: ResponseReader = {
      ...reader,
      push(chunk) {
        unpackedBytes += chunk.length
      },
    }
    const tap = tapOf(counting, encoding)
    for (let at = 0; at < bomb.length; at += 16_384) tap.push(bomb.subarray(at, at + 16_384))
    const usage = await tap.end()
    expect(unpackedBytes).toBeGreaterThan(LIMITS.gatewayBodyBytesMax - MIB)
    expect(unpackedBytes).toBeLessThanOrEqual(LIMITS.gatewayBodyBytesMax)
    expect(usage.notes.map(({ code }) => code)).toContain('no_usage')
  })
})

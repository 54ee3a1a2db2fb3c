import { once } from 'node:events'
import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../kernel/index.ts'
import { readBody } from './request-body.ts'

const JSON_TYPE = { 'content-type': 'application/json' }

describe('the body of a request', () => {
  it('is its bytes, in however many pieces, and its value', async () => {
    const read = await readBody(Readable.from([Buffer.from('{"model":'), Buffer.from('"é"}')]), JSON_TYPE)
    expect(read).toMatchObject({ ok: true, value: { bytes: Buffer.from('{"model":"é"}'), text: '{"model":"é"}', value: { model: 'é' } } })
  })

  it('is refused by the length that it states, and by what comes where it states none; the rest is read and not kept', async () => {
    const stated = await readBody(Readable.from([]), { ...JSON_TYPE, 'content-length': String(LIMITS.gatewayBodyBytesMax + 1) })
    expect(stated).toMatchObject({ ok: false, error: { code: 'too_large' } })
    const piece = Buffer.alloc(1024 * 1024)
    const pieces = LIMITS.gatewayBodyBytesMax / piece.length + 3
    let sent = 0
    const long = Readable.from(
      (function* () {
        for (; sent < pieces; sent++) yield piece
      })(),
    )
    expect(await readBody(long, JSON_TYPE)).toMatchObject({ ok: false, error: { code: 'too_large' } })
    if (!long.readableEnded) await once(long, 'end')
    expect(sent).toBe(pieces)
  })

  it.each(['error', 'close'] as const)('is refused where it breaks off by %s', async (how) => {
    const broken = new Readable({ read() {} })
    const reading = readBody(broken, JSON_TYPE)
    broken.push('{"mod')
    broken.destroy(how === 'error' ? new Error('reset') : undefined)
    expect(await reading).toMatchObject({ ok: false, error: { code: 'invalid_json' } })
  })

  it('is refused where its client has left before it is read', async () => {
    const gone = Readable.from(['{}'])
    gone.destroy()
    await once(gone, 'close')
    expect(await readBody(gone, JSON_TYPE)).toMatchObject({ ok: false, error: { code: 'invalid_json' } })
  })
})

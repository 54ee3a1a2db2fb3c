import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type TestServer, testServer } from '../../../../conformance/http/test-server.ts'
import type { CallAmount, SumBucket } from '../../calls/index.ts'
import { picos } from '../../kernel/index.ts'
import { createInvoke } from '../registry.ts'

let server: TestServer
beforeEach(async () => {
  server = await testServer()
  const calls = Array.from({ length: 20 }, (_, index) => ({
    call_id: `c${index}`,
    model: 'gpt-4o',
    input_tokens: 1000 + index,
    output_tokens: 5,
  }))
  await server.send('POST', '/v1/finops/calls/batch', { calls: [...calls, { call_id: 'unknown', model: 'nobody-knows', input_tokens: 1 }] })
})
afterEach(() => server.close())

describe('verify', () => {
  it('agrees over priced and unpriced calls', async () => {
    const { body } = await server.send('POST', '/v1/finops/verify')
    expect(body).toMatchObject({ ok: true, calls: 21, head: 21, differences: [] })
    expect((body.checks as { ok: boolean }[]).map(({ ok }) => ok)).toEqual([true, true, true, true, true])
  })

  it('agrees while calls keep arriving', async () => {
    let stop = false
    const arriving = (async () => {
      for (let index = 0; !stop; index += 1)
        await server.send('POST', '/v1/finops/calls/track', { call_id: `x${index}`, model: 'gpt-4o', input_tokens: 7, output_tokens: 1 })
    })()
    for (let round = 0; round < 10; round += 1) expect((await server.send('POST', '/v1/finops/verify')).body).toMatchObject({ ok: true })
    stop = true
    await arriving
  })

  it('finds a row that is one pico off, and names it', async () => {
    const { services } = server
    const off = (amount: CallAmount): CallAmount => (amount.callId === 'c7' ? { ...amount, cost: picos((amount.cost ?? 0n) + 1n) } : amount)
    const calls = {
      ...services.calls,
      amounts: async (from: number, to: number) => (await services.calls.amounts(from, to)).map(off),
      sumsBySeq: (size: number): Promise<SumBucket[]> => services.calls.sumsBySeq(size),
    }
    const result = await createInvoke({ ...services, calls })('verify', {})
    expect(result).toMatchObject({
      ok: true,
      value: {
        ok: false,
        differences: [{ call_id: 'c7', organization_id: 'default', journal: '0.0025675', projection: '0.002567500001' }],
      },
    })
  })
})

it('rebuild makes analytics anew from the journal, with the same sums', async () => {
  const before = await server.send('GET', '/v1/finops/analytics/models')
  const rebuilt = await server.send('POST', '/v1/finops/rebuild')
  expect(rebuilt.body).toMatchObject({ entries: 21, calls: 21 })
  expect((await server.send('GET', '/v1/finops/analytics/models')).body).toEqual(before.body)
  expect((await server.send('POST', '/v1/finops/verify')).body).toMatchObject({ ok: true })
})

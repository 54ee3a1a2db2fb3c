import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { NOW, purser } from '../../../../../../conformance/cli/purser.ts'
import { type TestServer, testServer } from '../../../../../../conformance/http/test-server.ts'
import { createInvoke, type Invoke } from '../../../../operations/index.ts'

let server: TestServer
let invoke: Invoke
beforeAll(async () => {
  server = await testServer({ now: () => NOW })
  invoke = createInvoke(server.services)
})
afterAll(() => server.close())

function widest(text: string): number {
  return Math.max(...text.split('\n').map((line) => line.length))
}

describe('purser waste and purser cache', () => {
  it('say when there is nothing', async () => {
    expect((await purser(['waste'], invoke, 80)).err).toContain('No calls in this period')
    expect((await purser(['cache'], invoke, 80)).err).toContain('No calls in this period')
  })

  it('refuse a number that is none', async () => {
    const { code, err } = await purser(['cache', '--examine', 'many'], invoke, 80)
    expect([code, err]).toEqual([1, expect.stringContaining('--examine takes a whole number')])
  })

  it('are readable at 80 columns', async () => {
    const at = (minutes: number): string => new Date(NOW + minutes * 60_000).toISOString()
    const call = { model: 'claude-sonnet-4-5', agent_name: 'planner', input_tokens: 100_000, output_tokens: 0 }
    const turns = Array.from({ length: 24 }, (_, index) => ({
      ...call,
      call_id: `turn-${index}`,
      session_id: 'one',
      timestamp: at(-90 + index + (index > 12 ? 20 : 0)),
      ...(index === 0 || index === 13 ? { cache_write_tokens: 90_000 } : { cache_read_tokens: 90_000 }),
    }))
    const wasted = [
      { ...call, call_id: 'failed-call-with-an-id-that-is-rather-long-for-a-terminal', success: false, timestamp: at(-1) },
      {
        ...call,
        call_id: 'declared',
        tags: { waste: 'a category with a name that is far too long for any table of a terminal' },
        timestamp: at(-1),
      },
    ]
    const sent = await server.send('POST', '/v1/finops/calls/batch', { calls: [...turns, ...wasted] })
    expect(sent.status, sent.text).toBe(200)

    const waste = await purser(['waste'], invoke, 80)
    expect(waste.code, waste.err).toBe(0)
    expect(widest(waste.out)).toBeLessThanOrEqual(80)
    expect(waste.out).toMatch(/failed +detected +1 +\$0\.30/)
    expect(waste.out).toContain('$0.60 of ')
    expect(waste.out).toMatch(/Efficiency: \d+(\.\d)? of 100/)

    const cache = await purser(['cache'], invoke, 80)
    expect(cache.code, cache.err).toBe(0)
    expect(widest(cache.out)).toBeLessThanOrEqual(80)
    expect(cache.out).toMatch(/5-60m +1h +\d+/)
    // Two writes of 90,000 tokens: one pays $0.2025 more, the other is read for $0.3105 less.
    expect(cache.out).toMatch(/a lifetime of 1 h +\$0\.11 +-?\$0\.\d+ +\$0\.11 +2/)
    expect(JSON.parse((await purser(['cache', '--json'], invoke, 80)).out)).toMatchObject({
      scenarios: [{ saving_exact: '0.108' }, {}, {}],
    })
  })
})

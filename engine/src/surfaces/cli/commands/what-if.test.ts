import { afterAll, beforeAll, expect, it } from 'vitest'
import { NOW, purser } from '../../../../../conformance/cli/purser.ts'
import { type TestServer, testServer } from '../../../../../conformance/http/test-server.ts'
import { createInvoke, type Invoke } from '../../../operations/index.ts'

const HOUR_MS = 3_600_000
const WEEK_MS = 7 * 24 * HOUR_MS
let server: TestServer
let invoke: Invoke
beforeAll(async () => {
  server = await testServer({ now: () => NOW })
  invoke = createInvoke(server.services)
})
afterAll(() => server.close())

const run = async (...argv: string[]) => {
  const done = await purser(argv, invoke, 80)
  for (const line of done.out.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80)
  return done
}

it('says when there is nothing', async () => {
  expect((await run('what-if', '--swap', 'gpt-4o-mini')).err).toContain('No calls in this time.')
  expect((await run('outcomes')).err).toContain('No run in these weeks.')
})

it('shows what would have been, what a budget would have refused, and what an outcome costs, within 80 columns', async () => {
  for (let week = 1; week <= 2; week++) {
    for (let run = 0; run < 6; run++) {
      const workflow_id = `w${week}-${run}`
      const about = { workflow_id, timestamp: new Date(NOW - week * WEEK_MS + run * HOUR_MS).toISOString() }
      await server.send('POST', '/v1/finops/workflows/start', { ...about, workflow_name: 'report' })
      const call = {
        ...about,
        agent_name: 'an agent whose name is far too long for a table of a terminal',
        model: 'gpt-4o',
        input_tokens: 400_000 * week,
      }
      await server.send('POST', '/v1/finops/calls/track', { ...call, output_tokens: 0, tags: { task: 'a=b' } })
      await server.send('POST', '/v1/finops/workflows/end', { workflow_id, success: run > 0 })
    }
  }
  await server.send('POST', '/v1/finops/calls/track', {
    model: 'gpt-4o',
    input_tokens: 10,
    output_tokens: 1,
    cost_usd: '2',
    timestamp: new Date(NOW - HOUR_MS).toISOString(),
  })
  const swapped = await run('what-if', '--swap', 'gpt-4o=gpt-4o-mini', '--tier', 'batch')
  expect(swapped.code).toBe(0)
  expect(swapped.out).toMatch(/gpt-4o +13 +13 +\$20\.00 +\$2\.54 +-\$17\.46/)
  expect(swapped.out).toContain('13 calls cost $20.00. What if: $2.54, $17.46 less (-87.3%)')
  expect(swapped.out).toContain('Between $0.60 and $2.54, an estimate')
  expect(swapped.out).toContain('Unsaid  1 call of $2.00')
  expect((await run('what-if', '--price', 'gpt-4o=-20%', '--days', '--where', 'tag:task=a=b')).out).toContain('12 calls cost $18.00')
  expect((await run('what-if', '--no-retries', '--dedupe', '--output-cap', '5', '--read-share', '0.5', '--drop', 'agent=x')).code).toBe(0)
  const refused = await run('what-if', '--limit', '4', '--on', 'agent')
  expect(refused.out).toMatch(/A limit of \$4\.00 a day would have refused \d calls of 12, \$\d+\.00 of \$18\.00/)
  expect(refused.out).toContain('Runs that would have been hit:')
  const both = await run('what-if', '--limit', '4', '--tier', 'batch')
  expect([both.code, both.err]).toEqual([1, expect.stringContaining('without changes')])
  const outcomes = await run('outcomes', '--weeks', '4', '--workflow', 'report')
  expect(outcomes.code).toBe(0)
  expect(outcomes.out).toMatch(/\d{4}-W\d\d +6 +5 +1 +\$12\.00 +\$2\.40 +\$2\.00/)
  expect(outcomes.out).toContain('Counted')
  expect(JSON.parse((await purser(['outcomes', '--per', 'task', '--json'], invoke, 80)).out)).toMatchObject({
    by: 'tag:task',
    total: { calls: 12 },
  })
})

import { afterAll, beforeAll, expect, it } from 'vitest'
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

it('says when there is nothing, then who is charged what, within 80 columns, and the same as CSV', async () => {
  expect((await purser(['chargeback'], invoke, 80)).err).toContain('No calls in this period')
  for (const [costCenter, costUsd] of [
    ['finance, with a name that is far too long for a table of a terminal', '6'],
    ['research', '3'],
    [null, '10'],
  ])
    await server.send('POST', '/api/v1/traces/ingest', { agentId: costCenter === null ? 'router' : 'a', costCenter, costUsd })
  await server.send('PUT', '/v1/finops/allocation-rules', {
    name: 'Router',
    dimension: 'cost_center',
    shared: [{ dimension: 'agent', in: ['router'] }],
    method: 'percent',
    targets: [{ value: 'research', weight: 25 }],
  })
  const { code, out } = await purser(['chargeback'], invoke, 80)
  expect(code).toBe(0)
  expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
  expect(out).toMatch(/research +1 +\$3\.00 +\$2\.50 +\$5\.50/)
  expect(out).toMatch(/unattributed +0 +\$0\.00 +\$7\.50 +\$7\.50/)
  expect(out).toContain('Shared by Router: $10.00\n  of it unattributed: $7.50, because the percentages add up to less than 100')
  const csv = await purser(['chargeback', '--csv'], invoke, 80)
  expect(csv.out.split('\n')[0]).toBe('cost_center,kind,traces,tokens,direct_cost_usd,shared_cost_usd,cost_usd,unpriced_traces')
  expect(csv.out).toContain('research,attributed,1,')
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { csvCells, get } from '../../../../conformance/http/reading.ts'
import { type TestServer, testServer } from '../../../../conformance/http/test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await testServer()
  expect((await server.send('POST', '/v1/finops/workflows/start', { workflow_id: 'silent-run', workflow_name: 'Quiet' })).status).toBe(200)
  const silent = { agent_name: 'Silent', model: 'gpt-4o', success: false, workflow_id: 'silent-run', session_id: 'silent-session' }
  const metered = { agent_name: 'Planner', model: 'gpt-4o', input_tokens: 1000, output_tokens: 500 }
  for (const call of [silent, metered]) expect((await server.send('POST', '/v1/finops/calls/track', call)).status).toBe(200)
})
afterAll(() => server.close())

describe('tokens that nobody reported are not zero tokens', () => {
  const silent = { calls: 1, tokens: null, unmetered_calls: 1 }

  it('by agent, model and any dimension', async () => {
    expect(await get(server, 'analytics/agents?agent=Silent')).toMatchObject({ agents: { Silent: silent } })
    expect(await get(server, 'analytics/models?agent=Silent')).toMatchObject({
      models: { 'gpt-4o': { input_tokens: null, cache_read_tokens: null, output_tokens: null, unmetered_calls: 1 } },
    })
    expect(await get(server, 'analytics/attribution?group_by=user&agent=Silent')).toMatchObject({ unattributed: silent })
    expect(await get(server, 'analytics/agents?agent=Planner')).toMatchObject({ agents: { Planner: { tokens: 1500, unmetered_calls: 0 } } })
  })

  it('in what tracking answers', async () => {
    const track = async (call: object) =>
      (await server.send('POST', '/v1/finops/calls/track', { agent_name: 'Other', model: 'gpt-4o', ...call })).body
    expect(await track({ success: false })).toMatchObject({ total_tokens: null })
    expect(await track({ input_tokens: 0, output_tokens: 0 })).toMatchObject({ total_tokens: 0 })
  })

  it('in sessions, workflows, the overview and the chain', async () => {
    const unknown = { total_tokens: null, unmetered_calls: 1 }
    expect(await get(server, 'analytics/sessions?agent=Silent')).toMatchObject({ sessions: [{ session_id: 'silent-session', ...unknown }] })
    expect(await get(server, 'analytics/workflows/Quiet')).toMatchObject({ ...unknown, avg_tokens_per_execution: null })
    expect(await get(server, 'dashboard/overview?agent=Silent')).toMatchObject({ summary: unknown })
    expect(await get(server, 'analytics/chains/silent-run')).toMatchObject({
      call_tree: [{ tokens: null }],
      critical_path: [{ tokens: null }],
    })
  })

  it('in a report and its CSV', async () => {
    const { rows } = (await get(server, 'export/report?agent=Silent')) as { rows: unknown[] }
    expect(rows).toMatchObject([{ input_tokens: null, total_tokens: null, unmetered_calls: 1 }])
    expect(await csvCells(server, 'total_tokens', 'group_by=agent&agent=Silent')).toEqual([''])
    expect(await csvCells(server, 'total_tokens', 'group_by=agent&agent=Planner')).toEqual(['1500'])
  })
})

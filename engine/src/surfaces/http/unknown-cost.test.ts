import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { csvCells, get } from '../../../../conformance/http/reading.ts'
import { type TestServer, testServer } from '../../../../conformance/http/test-server.ts'

const UNHEARD = { agent_name: 'Mystery', model: 'model-nobody-sells', input_tokens: 10, output_tokens: 5, team: 'lab' }
const PRICED = { agent_name: 'Planner', model: 'gpt-4o', input_tokens: 1000, output_tokens: 500 }
const NOT_KNOWN = { calls: 1, cost: null, unpriced_calls: 1 }
const HALF_KNOWN = { calls: 2, cost: 0.0075, unpriced_calls: 1 }

let server: TestServer
beforeAll(async () => {
  server = await testServer()
  const tracked = [
    { ...UNHEARD, call_id: 'dark', workflow_id: 'dark-run', session_id: 'dark-session', timestamp: '2026-01-02T10:00:00Z' },
    { ...PRICED, call_id: 'bright', workflow_id: 'bright-run', timestamp: '2026-01-03T10:00:00Z' },
    { ...UNHEARD, agent_name: 'Planner', team: 'office', call_id: 'mixed', timestamp: '2026-01-03T11:00:00Z' },
  ]
  expect((await server.send('POST', '/v1/finops/workflows/start', { workflow_id: 'top', workflow_name: 'Top' })).status).toBe(200)
  const below = { workflow_id: 'below', workflow_name: 'Below', parent_workflow_id: 'top' }
  expect((await server.send('POST', '/v1/finops/workflows/start', below)).status).toBe(200)
  for (const call of [
    ...tracked,
    {
      ...UNHEARD,
      model: 'other-unheard',
      agent_name: 'Nested',
      team: 'office',
      workflow_id: 'below',
      call_id: 'nested',
      timestamp: '2026-01-04T10:00:00Z',
    },
  ])
    expect((await server.send('POST', '/v1/finops/calls/track', call)).status).toBe(200)
})
afterAll(() => server.close())

describe('a line whose every call is unpriced has no cost, not a cost of zero', () => {
  it('on the dashboard, by agent, model and day', async () => {
    const overview = await get(server, 'dashboard/overview')
    expect(overview).toMatchObject({
      summary: { total_cost_usd: 0.0075, unpriced_calls: 3 },
      top_agents: { Mystery: NOT_KNOWN, Planner: HALF_KNOWN },
      top_models: { 'gpt-4o': { calls: 1, cost: 0.0075, unpriced_calls: 0 }, 'other-unheard': NOT_KNOWN },
      daily: [
        { date: '2026-01-02', ...NOT_KNOWN },
        { date: '2026-01-03', ...HALF_KNOWN },
        { date: '2026-01-04', ...NOT_KNOWN },
      ],
    })
  })

  it('but a day without calls cost nothing', async () => {
    const { daily } = (await get(server, 'dashboard/overview?from=2026-01-05&to=2026-01-06')) as { daily: unknown[] }
    expect(daily).toEqual([{ date: '2026-01-05', calls: 0, cost: 0, unpriced_calls: 0 }])
  })

  it('by agent, model and any dimension, and in what stands beside the lines', async () => {
    const notKnown = { ...NOT_KNOWN, cost_exact: null }
    expect(await get(server, 'analytics/agents')).toMatchObject({
      agents: { Mystery: notKnown, Planner: { ...HALF_KNOWN, cost_exact: '0.0075' } },
    })
    expect(await get(server, 'analytics/models')).toMatchObject({ models: { 'other-unheard': notKnown } })
    expect(await get(server, 'analytics/attribution?group_by=team')).toMatchObject({
      attribution: { lab: notKnown, office: { calls: 2, cost: null, cost_exact: null, unpriced_calls: 2 } },
      unattributed: { calls: 1, cost: 0.0075, unpriced_calls: 0 },
    })
    expect(await get(server, 'analytics/agents?agent=Mystery&limit=1')).toMatchObject({
      total_cost: null,
      total_cost_exact: null,
      unpriced_calls: 1,
    })
    expect(await get(server, 'analytics/attribution?group_by=user&agent=Mystery')).toMatchObject({ unattributed: notKnown })
  })

  it('in the rows of a report and the cells of its CSV', async () => {
    const { rows } = (await get(server, 'export/report?group_by=agent&agent=Mystery')) as { rows: unknown[] }
    expect(rows).toMatchObject([{ agent: 'Mystery', cost_usd: null, cost_usd_exact: null, unpriced_calls: 1 }])
    expect(await csvCells(server, 'cost_usd', 'group_by=agent&agent=Mystery')).toEqual([''])
    expect(await csvCells(server, 'cost_usd', 'group_by=agent&agent=Planner')).toEqual(['0.0075'])
  })
})

describe('a session, workflow or whole answer of which no price is known', () => {
  it('has no cost either', async () => {
    const notKnown = { total_cost_usd: null, total_cost_exact: null, unpriced_calls: 1 }
    expect(await get(server, 'analytics/sessions?agent=Mystery')).toMatchObject({ sessions: [{ session_id: 'dark-session', ...notKnown }] })
    expect(await get(server, 'analytics/workflows/Below')).toMatchObject({ ...notKnown, avg_cost_per_execution: null })
    expect(await get(server, 'dashboard/overview?agent=Mystery')).toMatchObject({ summary: { ...notKnown, avg_cost_per_call: null } })
    expect(await get(server, 'export/report?agent=Mystery')).toMatchObject(notKnown)
    expect(await get(server, 'analytics/chains/dark-run')).toMatchObject({ total_cost: null, total_cost_exact: null })
  })

  it('but costs nothing when it has no calls', async () => {
    expect(await get(server, 'export/report?from=2026-01-05&to=2026-01-06')).toMatchObject({
      total_cost_usd: 0,
      total_tokens: 0,
      total_calls: 0,
    })
  })
})

describe('the chain of a run', () => {
  it('has no cost of its critical path while no cost on it is known', async () => {
    expect(await get(server, 'analytics/chains/dark-run')).toMatchObject({
      critical_path: [{ cost: null }],
      critical_path_cost: null,
      unpriced_calls: 1,
    })
    expect(await get(server, 'analytics/chains/bright-run')).toMatchObject({ critical_path_cost: 0.0075 })
  })

  it('says how many calls the cost of a run below it does not cover', async () => {
    expect(await get(server, 'analytics/chains/top')).toMatchObject({
      nested_workflows: [{ workflow_id: 'below', cost: null, calls: 1, unpriced_calls: 1 }],
    })
  })

  it('is of unknown status when only calls have named the run, and running once it has started', async () => {
    expect(await get(server, 'analytics/chains/dark-run')).toMatchObject({ status: 'unknown' })
    expect(await get(server, 'analytics/chains/top')).toMatchObject({ status: 'running', critical_path: [{ call_id: 'nested' }] })
  })
})

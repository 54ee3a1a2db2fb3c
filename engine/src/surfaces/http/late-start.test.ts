import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestServer, testServer } from '../../../../conformance/http/test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await testServer()
})
afterAll(() => server.close())

const CALL = { agent_name: 'planner', model: 'gpt-4o', input_tokens: 1000, output_tokens: 500 }

async function post(path: string, body: unknown) {
  const answer = await server.send('POST', `/v1/finops/${path}`, body)
  expect(answer.status, answer.text).toBe(200)
  return answer.body
}

describe('a run that a call named before its start arrived', () => {
  it.each([
    [true, 'succeeded'],
    [false, 'failed'],
  ])('answers its start with how it ended (success %s: %s), and so does a repetition', async (success, status) => {
    const workflow_id = `ended-${status}`
    await post('calls/track', { ...CALL, workflow_id })
    await post('workflows/end', { workflow_id, success })
    const start = { workflow_id, workflow_name: 'Report' }
    expect(await post('workflows/start', start)).toMatchObject({ status, replayed: false })
    expect(await post('workflows/start', start)).toMatchObject({ status, replayed: true })
  })

  it('answers running while it has not ended, and its outcome when the start is said again after the end', async () => {
    const start = { workflow_id: 'open', workflow_name: 'Report' }
    await post('calls/track', { ...CALL, workflow_id: 'open' })
    expect(await post('workflows/start', start)).toMatchObject({ status: 'running', replayed: false })
    await post('workflows/end', { workflow_id: 'open' })
    expect(await post('workflows/start', start)).toMatchObject({ status: 'succeeded', replayed: true })
  })
})

describe('a start that hangs a run below another after its calls', () => {
  it('says that budgets above do not count what came before it, and they count what comes after', async () => {
    await server.send('PUT', '/v1/finops/budgets', { dimension: 'run', value: 'above', period: 'total', limit_usd: '1' })
    await post('workflows/start', { workflow_id: 'above', workflow_name: 'Report' })
    await post('calls/track', { ...CALL, workflow_id: 'below' })
    const started = await post('workflows/start', { workflow_id: 'below', workflow_name: 'Report', parent_workflow_id: 'above' })
    expect(started).toMatchObject({ notes: [expect.stringContaining('posted before this start')] })
    await post('calls/track', { ...CALL, workflow_id: 'below' })
    const { budgets } = (await server.send('GET', '/v1/finops/budgets')).body as { budgets: { standings: { spent_usd: string }[] }[] }
    expect(budgets[0]?.standings[0]?.spent_usd).toBe('0.0075')
    const early = await post('workflows/start', { workflow_id: 'next', workflow_name: 'Report', parent_workflow_id: 'above' })
    expect(early).not.toHaveProperty('notes')
  })
})

describe('a run that only calls mention', () => {
  const get = (path: string) => server.send('GET', `/v1/finops/${path}`)

  it('is of the workflow that the first of them to say one says, with all its calls, until a start names it', async () => {
    const of = (call_id: string, workflow_name?: string) =>
      post('calls/track', { ...CALL, workflow_id: 'named-by-calls', call_id, ...(workflow_name === undefined ? {} : { workflow_name }) })
    await of('n1')
    await of('n2', 'Digest')
    await of('n3', 'Triage')
    await of('n4')
    expect((await get('analytics/workflows/Digest')).body).toMatchObject({ total_executions: 1, total_calls: 4 })
    expect((await get('analytics/workflows/Triage')).status).toBe(404)
    for (const id of ['n1', 'n2', 'n3', 'n4']) expect((await get(`calls/${id}`)).body, id).toMatchObject({ workflow_name: 'Digest' })
    expect(await of('n3', 'Triage')).toMatchObject({ call_id: 'n3', replayed: true })
    await post('workflows/start', { workflow_id: 'named-by-calls', workflow_name: 'Nightly' })
    expect((await get('analytics/workflows/Nightly')).body).toMatchObject({ total_executions: 1, total_calls: 4 })
    expect((await get('analytics/workflows/Digest')).status).toBe(404)
    expect((await get('calls/n3')).body).toMatchObject({ workflow_name: 'Nightly' })
  })
})

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

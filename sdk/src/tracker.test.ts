import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { answerJson, problem, type StubPurser, startStubPurser } from '../../conformance/sdk/stub-purser.ts'
import type { DeliveryError, TrackerOptions } from './options.ts'
import { withRun } from './run-context.ts'
import { createTracker, type Tracker } from './tracker.ts'

let purser: StubPurser
let errors: DeliveryError[]

beforeEach(async () => {
  purser = await startStubPurser()
  errors = []
})

afterEach(() => purser.close())

function tracker(options: TrackerOptions = {}): Tracker {
  return createTracker({ url: purser.url, retryBaseMs: 1, retryMaxMs: 2, onError: (error) => errors.push(error), ...options })
}

describe('over a real connection', () => {
  it('tells the story of a workflow in its order', async () => {
    const own = tracker()
    const sessionId = own.startSession({ userId: 'user_123' })
    const workflowId = own.startWorkflow({ workflowName: 'Generate Report', sessionId })
    const parentCallId = own.trackAgentCall({
      agentName: 'Orchestrator',
      model: 'gpt-4o',
      inputTokens: 1000,
      outputTokens: 500,
      workflowId,
    })
    own.trackAgentCall({ agentName: 'Analyzer', model: 'gpt-4o-mini', inputTokens: 10, outputTokens: 5, workflowId, parentCallId })
    own.endWorkflow({ workflowId, success: true })
    own.endSession({ sessionId })
    expect(await own.close()).toEqual({ waiting: 0, sent: 6, refused: 0, lost: 0 })
    expect(purser.received.map(({ path, body }) => [path, body])).toMatchObject([
      ['/v1/finops/sessions/start', { session_id: sessionId, user_id: 'user_123' }],
      ['/v1/finops/workflows/start', { workflow_id: workflowId, workflow_name: 'Generate Report', session_id: sessionId }],
      ['/v1/finops/calls/batch', { calls: [{ call_id: parentCallId }, { parent_call_id: parentCallId }] }],
      ['/v1/finops/workflows/end', { workflow_id: workflowId, success: true }],
      [`/v1/finops/sessions/${sessionId}/end`, { session_id: sessionId }],
    ])
    expect(workflowId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  })

  it('gets through every kind of bad answer with the same ids', async () => {
    purser.script.push(
      (_, response) => response.socket?.destroy(),
      problem(500, 'internal'),
      problem(429, 'rate_limited', { 'retry-after': '0' }),
      problem(503, 'overloaded'),
      (_, response) => response.writeHead(200).end('<html>'),
      (_, response) => answerJson(response, 200, { results: 'none' }),
      (_, response) => void response.writeHead(200, { 'content-length': '50' }).write('{', () => response.socket?.destroy()),
    )
    const own = tracker()
    const callId = own.trackAgentCall({ model: 'gpt-4o' })
    expect(await own.flush()).toEqual({ waiting: 0, sent: 1, refused: 0, lost: 0 })
    expect(purser.received.map(({ body }) => (body.calls as { call_id: string }[]).map(({ call_id }) => call_id))).toEqual(
      Array.from({ length: 8 }, () => [callId]),
    )
    expect(errors).toEqual([])
  })

  it('follows no redirect with the key, and reports it', async () => {
    purser.script.push((_, response) => response.writeHead(307, { location: '/elsewhere' }).end())
    const own = tracker({ apiKey: 'finops_x' })
    own.trackAgentCall({ model: 'gpt-4o' })
    expect(await own.flush()).toMatchObject({ refused: 1 })
    expect(purser.received).toHaveLength(1)
    expect(errors).toMatchObject([{ code: 'http_307' }])
  })

  it('gives up waiting for a server that does not answer, and tries again', async () => {
    purser.script.push(() => undefined)
    const own = tracker({ requestTimeoutMs: 20 })
    own.trackAgentCall({ model: 'gpt-4o' })
    expect(await own.flush()).toMatchObject({ sent: 1 })
    expect(purser.received).toHaveLength(2)
  })

  it('delivers ten thousand calls of many workflows once each', async () => {
    const own = tracker({ waitingMax: 100_000 })
    const ids: string[] = []
    for (let run = 0; run < 100; run += 1) {
      const workflowId = own.startWorkflow({ workflowName: 'w' })
      for (let count = 0; count < 100; count += 1) ids.push(own.trackAgentCall({ model: 'gpt-4o', workflowId }))
      own.endWorkflow({ workflowId })
    }
    expect(await own.close({ timeoutMs: 25_000 })).toEqual({ waiting: 0, sent: 10_200, refused: 0, lost: 0 })
    expect(purser.calls().map(({ call_id }) => call_id)).toEqual(ids)
    expect(new Set(ids).size).toBe(10_000)
  })
})

describe('withRun', () => {
  it('gives its run to calls and its id to runs that start inside', async () => {
    const own = tracker()
    const outer = own.startWorkflow({ workflowName: 'outer' })
    const inner = await withRun({ workflowId: outer, userId: 'u' }, async () => {
      await Promise.resolve()
      own.trackAgentCall({ model: 'a' })
      own.trackAgentCall({ model: 'b', workflowId: 'another', userId: undefined })
      return own.startWorkflow({ workflowName: 'inner' })
    })
    own.trackAgentCall({ model: 'c' })
    await own.close()
    expect(purser.calls()).toMatchObject([
      { model: 'a', workflow_id: outer, user_id: 'u' },
      { model: 'b', workflow_id: 'another', user_id: 'u' },
      { model: 'c' },
    ])
    expect(purser.calls()[2]).not.toHaveProperty('workflow_id')
    const starts = purser.received.filter(({ path }) => path.endsWith('workflows/start')).map(({ body }) => body)
    expect(starts).toMatchObject([{ workflow_id: outer }, { workflow_id: inner, parent_workflow_id: outer }])
  })
})

import { expect, it } from 'vitest'
import { SessionEnd, SessionStart, TrackCall, WorkflowEnd, WorkflowStart } from '../../contract/src/index.ts'
import { compileCheck } from '../../engine/src/operations/validation/index.ts'
import { callBody, sessionEndBody, sessionStartBody, workflowEndBody, workflowStartBody } from './wire.ts'

const now = Date.parse('2026-11-22T10:00:00Z')
const attribution = {
  organizationId: 'org_789',
  userId: 'user_123',
  sessionId: 'session_456',
  team: 'growth',
  project: 'p',
  costCenter: 'cc',
  tags: { env: 'test' },
}

it('gives every field of the contract its own spelling', () => {
  const start = workflowStartBody(
    { workflowName: 'Generate Report', parentWorkflowId: 'p', agentName: 'a', action: 'x', timestamp: now, ...attribution },
    'w',
    0,
  )
  const call = callBody(
    {
      agentName: 'DataAnalyzer',
      model: 'gpt-4o',
      provider: 'openai',
      inputTokens: 1000,
      outputTokens: 500,
      cacheReadTokens: 1,
      cacheWriteTokens: 2,
      cacheWrite1hTokens: 3,
      reasoningTokens: 4,
      inputAudioTokens: 5,
      outputAudioTokens: 6,
      webSearches: 7,
      response: { usage: { prompt_tokens: 1 } },
      serviceTier: 'flex',
      region: 'eu',
      costUsd: '0.0025',
      latencyMs: 2340,
      success: false,
      error: 'rate_limit_exceeded',
      workflowId: 'w',
      workflowName: 'Generate Report',
      parentCallId: 'c0',
      action: 'x',
      promptFingerprint: 'h1:abcdefgh',
      timestamp: new Date(now),
      ...attribution,
    },
    'c',
    0,
  )
  const bodies = [
    [WorkflowStart, start],
    [WorkflowEnd, workflowEndBody({ workflowId: 'w', error: 'timeout', organizationId: 'o' }, now)],
    [SessionStart, sessionStartBody(attribution, 's', now)],
    [SessionEnd, sessionEndBody({ sessionId: 's', organizationId: 'o' }, now)],
    [TrackCall, call],
  ] as const
  for (const [schema, body] of bodies) {
    expect(compileCheck(schema).accepts(body)).toBe(true)
    // A field that is added to the contract must be added here too.
    expect(Object.keys(body).sort()).toEqual(Object.keys(schema.properties).sort())
  }
})

it('leaves out what was not said, and says how it ended', () => {
  expect(callBody({ model: 'm' }, 'c', now)).toEqual({
    call_id: 'c',
    model: 'm',
    success: true,
    source: 'sdk',
    timestamp: '2026-11-22T10:00:00.000Z',
  })
  expect(callBody({ error: 'e'.repeat(300) }, 'c', now)).toMatchObject({ success: false, error: 'e'.repeat(256) })
  expect(workflowEndBody({ workflowId: 'w' }, now)).toMatchObject({ success: true })
})

it.each([
  [new Date(Number.NaN), '2026-11-22T10:00:00.000Z'],
  [Number.POSITIVE_INFINITY, '2026-11-22T10:00:00.000Z'],
  [0, '1970-01-01T00:00:00.000Z'],
  ['2026-01-01T00:00:00+02:00', '2026-01-01T00:00:00+02:00'],
])('takes %s as a time', (timestamp, expected) => {
  expect(callBody({ timestamp }, 'c', now).timestamp).toBe(expected)
})

it('sends of a response what metering needs, and leaves the word to the counters when there is nothing', () => {
  const response = { model: 'gpt-4o', usage: { prompt_tokens: 1 }, choices: [{ message: { content: 'secret' } }] }
  const kept = { model: 'gpt-4o', usage: { prompt_tokens: 1 }, choices: [{}] }
  expect(callBody({ response }, 'c', now).response).toEqual(kept)
  expect(callBody({ response: JSON.stringify(response) }, 'c', now).response).toEqual(kept)
  expect(callBody({ response: 'data: secret', inputTokens: 1 }, 'c', now)).not.toHaveProperty('response')
  expect(callBody({ response: {}, model: 'm' }, 'c', now).response).toEqual({})
})

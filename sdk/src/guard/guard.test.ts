import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type TestServer, testServer } from '../../../conformance/http/test-server.ts'
import { type StubPurser, startStubPurser } from '../../../conformance/sdk/stub-purser.ts'
import { beginObservation } from '../observe/observation.ts'
import { withRun } from '../run-context.ts'
import { createTracker, type Tracker } from '../tracker.ts'
import { BudgetExhaustedError, CallRefusedError, GuardUnavailableError } from './errors.ts'

const ASK = { agentName: 'researcher', model: 'gpt-4o', inputTokens: 1_000, maxOutputTokens: 500 }
const ANSWER = { id: 'x', object: 'chat.completion', model: 'gpt-4o', choices: [], usage: { prompt_tokens: 1_000, completion_tokens: 100 } }

describe('guard, beside a server', () => {
  let server: TestServer
  let tracker: Tracker
  beforeEach(async () => {
    server = await testServer()
    tracker = createTracker({ url: server.url, retryBaseMs: 1, retryMaxMs: 2 })
    await server.send('PUT', '/v1/finops/budgets', { dimension: 'agent', period: 'day', limit_usd: '0.01' })
  })
  afterEach(async () => {
    await tracker.close()
    await server.close()
  })

  async function standing() {
    await tracker.flush()
    const { body } = await server.send('GET', '/v1/finops/budgets')
    const [budget] = body.budgets as { standings: { spent_usd: string; held_usd: string }[] }[]
    return budget?.standings[0]
  }

  it('holds, makes the call, and settles it with what it cost', async () => {
    const answer = await tracker.guard(ASK, async ({ maxOutputTokens, clamped }) => {
      expect({ maxOutputTokens, clamped }).toEqual({ maxOutputTokens: 500, clamped: false })
      expect(await standing()).toMatchObject({ spent_usd: '0', held_usd: '0.0075' })
      return ANSWER
    })
    expect(answer).toBe(ANSWER)
    expect(await standing()).toMatchObject({ spent_usd: '0.0035', held_usd: '0' })
  })

  it('stops the call that would break the budget before it is made', async () => {
    let made = 0
    const call = () => {
      made += 1
      return ANSWER
    }
    await tracker.guard(ASK, call)
    const refused = tracker.guard({ ...ASK, maxOutputTokens: 5_000 }, call)
    await expect(refused).rejects.toBeInstanceOf(BudgetExhaustedError)
    await expect(refused).rejects.toMatchObject({
      status: 402,
      code: 'budget_exceeded',
      refusedBy: [{ dimension: 'agent', limitUsd: '0.01' }],
    })
    expect(made).toBe(1)
  })

  it('ends a loop of the same call within the configured count', async () => {
    const breaker = { dimension: 'agent', measure: 'repeats', limit: 2, window_seconds: 60, action: 'block' }
    await server.send('PUT', '/v1/finops/breakers', breaker)
    let made = 0
    const again = () =>
      tracker.guard({ ...ASK, maxOutputTokens: 10, promptFingerprint: 'h1:the-same-request' }, () => {
        made += 1
        return ANSWER
      })
    await again()
    await again()
    await expect(again()).rejects.toBeInstanceOf(CallRefusedError)
    await expect(again()).rejects.toMatchObject({
      status: 403,
      code: 'breaker_open',
      breakers: [{ measure: 'repeats', value: 'researcher' }],
    })
    expect(made).toBe(2)
  })

  it('says when to ask again where a breaker only holds back, also where an unguarded call is allowed', async () => {
    await server.send('PUT', '/v1/finops/breakers', {
      dimension: 'agent',
      measure: 'calls',
      limit: 1,
      window_seconds: 60,
      action: 'throttle',
    })
    const ask = { ...ASK, maxOutputTokens: 10, whenUnavailable: 'allow' } as const
    await tracker.guard(ask, () => ANSWER)
    const held = tracker.guard(ask, () => ANSWER)
    await expect(held).rejects.toMatchObject({ name: 'CallRefusedError', status: 429, code: 'throttled' })
    const { retryAfterMs } = (await held.catch((error: unknown) => error)) as CallRefusedError
    expect(retryAfterMs).toBeGreaterThan(0)
    expect(retryAfterMs).toBeLessThanOrEqual(60_000)
  })

  it('makes no call of an agent that is stopped', async () => {
    await server.send('POST', '/v1/finops/agents/researcher/stop', { reason: 'leaked' })
    await expect(tracker.guard(ASK, () => ANSWER)).rejects.toMatchObject({ name: 'CallRefusedError', code: 'agent_stopped' })
  })

  it('makes the answer shorter where that is allowed', async () => {
    const clamped = await tracker.guard({ ...ASK, maxOutputTokens: 5_000, clamp: true }, ({ maxOutputTokens }) => maxOutputTokens)
    expect(clamped).toBe(750)
  })

  it('gives the money of a call back that its provider refused, and passes the error on', async () => {
    const error = Object.assign(new Error('busy'), { status: 429 })
    await expect(
      tracker.guard(ASK, () => {
        throw error
      }),
    ).rejects.toBe(error)
    expect(await standing()).toBeUndefined()
    expect(await tracker.flush()).toMatchObject({ sent: 0 })
  })

  it('posts a call that broke off as one whose cost is not known', async () => {
    await expect(tracker.guard({ ...ASK, callId: 'c1' }, () => Promise.reject(new Error('socket hang up')))).rejects.toThrow('socket')
    expect(await standing()).toBeUndefined()
    const { body } = await server.send('GET', '/v1/finops/calls/c1')
    expect(body).toMatchObject({ call_id: 'c1' })
  })

  it('counts the call of an observed client once, and under its run', async () => {
    const workflowId = tracker.startWorkflow({ workflowName: 'Report', team: 'research' })
    await withRun(workflowId, () =>
      tracker.guard(ASK, () => {
        beginObservation({ tracker }, { provider: 'openai', source: 'test', request: { model: 'gpt-4o' } }).succeed(ANSWER)
        return ANSWER
      }),
    )
    expect(await standing()).toMatchObject({ spent_usd: '0.0035', held_usd: '0' })
    expect(await tracker.flush()).toMatchObject({ sent: 2 })
  })
})

describe('guard, when the server cannot be asked', () => {
  let purser: StubPurser
  beforeEach(async () => {
    purser = await startStubPurser()
    purser.script.push(
      ...[1, 2, 3].map(() => (_: unknown, response: { writeHead(status: number): { end(): void } }) => response.writeHead(503).end()),
    )
  })
  afterEach(() => purser.close())

  it('refuses the call, unless it was told to let it pass', async () => {
    const tracker = createTracker({ url: purser.url, retryBaseMs: 1, retryMaxMs: 2 })
    await expect(tracker.guard(ASK, () => ANSWER)).rejects.toBeInstanceOf(GuardUnavailableError)
    purser.script.push(
      ...[1, 2, 3].map(() => (_: unknown, response: { writeHead(status: number): { end(): void } }) => response.writeHead(503).end()),
    )
    expect(await tracker.guard({ ...ASK, callId: 'c9', whenUnavailable: 'allow' }, () => ANSWER)).toBe(ANSWER)
    await tracker.close()
    expect(purser.calls()).toMatchObject([{ call_id: 'c9', model: 'gpt-4o', agent_name: 'researcher' }])
  })

  it('asks nobody when tracking is off', async () => {
    const tracker = createTracker({ url: purser.url, enabled: false })
    expect(await tracker.guard(ASK, ({ maxOutputTokens }) => maxOutputTokens)).toBe(500)
    expect(purser.received).toEqual([])
  })
})

import { describe, expect, it } from 'vitest'
import { settle } from '../../../conformance/sdk/hand-timers.ts'
import { type Bench, bench, call, fire, INTERVAL, RETRY_1 } from '../../../conformance/sdk/tracker-bench.ts'

describe('the caller', () => {
  it('has its answer before anything is sent, and nothing is sent until the interval is over', async () => {
    const world = bench()
    expect(world.tracker.startWorkflow({ workflowName: 'Report' })).toBe('id-1')
    expect(world.tracker.trackAgentCall({ ...call, workflowId: 'id-1' })).toBe('id-2')
    expect(world.sent).toEqual([])
    expect(world.timers.delays()).toEqual([INTERVAL])
    await settle()
    expect(world.sent).toEqual([])
    await fire(world, INTERVAL)
    expect(world.sent.map(({ url }) => url)).toEqual([
      'http://purser.test/base/v1/finops/workflows/start',
      'http://purser.test/base/v1/finops/calls/batch',
    ])
    expect(world.tracker.stats()).toEqual({ waiting: 0, sent: 2, refused: 0, lost: 0 })
  })

  it('is not made to wait by a server that hangs', async () => {
    const world = bench({ batchMax: 1 })
    world.script.push('hang')
    world.tracker.trackAgentCall(call)
    await fire(world, 0)
    expect(world.sent).toHaveLength(1)
    expect(world.tracker.trackAgentCall(call)).toBe('id-2')
    expect(world.sent).toHaveLength(1)
    await fire(world, 10_000)
    await fire(world, RETRY_1)
    expect(world.tracker.stats()).toMatchObject({ waiting: 0, sent: 2 })
  })

  it('is never thrown at, whatever it gives', async () => {
    const world = bench()
    const circular: Record<string, unknown> = {}
    circular.tags = circular
    expect(() => {
      world.tracker.trackAgentCall(undefined as never)
      world.tracker.trackAgentCall({ tags: circular as never })
      world.tracker.trackAgentCall({ inputTokens: 1n as never })
      world.tracker.startWorkflow(null as never)
      world.tracker.endWorkflow(undefined as never)
      world.tracker.endSession({} as never)
      world.tracker.trackAgentCall({ model: 'x'.repeat(300_000) })
      world.tracker.trackAgentCall({ timestamp: new Date(Number.NaN) })
    }).not.toThrow()
    expect(new Set(world.errors.map(({ code }) => code))).toEqual(new Set(['unreportable']))
    await fire(world, INTERVAL)
    expect(world.tracker.stats()).toMatchObject({ waiting: 0, lost: 0 })
  })

  it('keeps what it reported even when it changes its objects afterwards', async () => {
    const world = bench()
    const tags = { tier: 'gold' }
    world.tracker.trackAgentCall({ ...call, tags })
    tags.tier = 'tin'
    await fire(world, INTERVAL)
    expect(world.sent[0]?.body.calls).toMatchObject([{ tags: { tier: 'gold' } }])
  })

  it('does not meet the errors of its own callbacks', async () => {
    const world = bench({
      onError: () => {
        throw new Error('mine')
      },
    })
    world.script.push({ status: 400, body: { code: 'invalid_field' } })
    world.tracker.endWorkflow({ workflowId: 'w' })
    await fire(world, INTERVAL)
    expect(world.tracker.stats()).toMatchObject({ refused: 1, waiting: 0 })
  })
})

describe('retrying', () => {
  it('sends the same ids again after the network failed, pausing longer each time', async () => {
    const world = bench()
    world.script.push(new TypeError('fetch failed'), { status: 503 }, { status: 429 })
    world.tracker.trackAgentCall(call)
    await fire(world, INTERVAL)
    for (const delay of [375, 750, 1500]) await fire(world, delay)
    expect(world.sent.map(({ body }) => (body.calls as { call_id: string }[])[0]?.call_id)).toEqual(['id-1', 'id-1', 'id-1', 'id-1'])
    expect(world.tracker.stats()).toEqual({ waiting: 0, sent: 1, refused: 0, lost: 0 })
    expect(world.errors).toEqual([])
  })

  it('honours Retry-After', async () => {
    const world = bench()
    world.script.push(
      { status: 429, headers: { 'retry-after': '7' } },
      { status: 503, headers: { 'retry-after': 'Sun, 22 Nov 2026 10:00:09 GMT' } },
    )
    world.tracker.trackAgentCall(call)
    await fire(world, INTERVAL)
    await fire(world, 7000)
    await fire(world, 9000)
    expect(world.tracker.stats()).toMatchObject({ sent: 1 })
  })

  it('tries as long as there is room when the server is away, and gives up on its faults', async () => {
    const world = bench({ faultsMax: 3, retryMaxMs: 500 })
    for (let count = 0; count < 20; count += 1) world.script.push(new TypeError('fetch failed'))
    for (const bad of [{ status: 500 }, { status: 200, text: '<html>' }, { status: 200, body: [] }]) world.script.push(bad)
    world.tracker.trackAgentCall(call)
    await fire(world, INTERVAL)
    for (let count = 0; count < 22; count += 1) await fire(world, RETRY_1)
    expect(world.tracker.stats()).toEqual({ waiting: 0, sent: 0, refused: 1, lost: 0 })
    expect(world.errors).toMatchObject([{ code: 'gave_up', item: { kind: 'call', body: { call_id: 'id-1' } } }])
  })

  it('does not repeat what was refused, and reports it with the item', async () => {
    const world = bench()
    world.script.push({ status: 401, body: { code: 'unauthenticated', detail: 'A valid key is required' } })
    world.tracker.trackAgentCall(call)
    await fire(world, INTERVAL)
    expect(world.sent).toHaveLength(1)
    expect(world.errors).toMatchObject([{ code: 'unauthenticated', status: 401, item: { kind: 'call', body: { model: 'gpt-4o' } } }])
    expect(world.tracker.stats()).toEqual({ waiting: 0, sent: 0, refused: 1, lost: 0 })
  })

  it('counts the good items of a batch, reports the refused ones and repeats those that could not be taken now', async () => {
    const world = bench()
    world.script.push({
      status: 200,
      body: {
        results: [
          { index: 0, call_id: 'id-1', cost: '0', status: 'exact' },
          { index: 1, code: 'invalid_field', detail: 'negative', path: '/input_tokens' },
          { index: 2, code: 'overloaded', detail: 'later' },
        ],
      },
    })
    for (let count = 0; count < 3; count += 1) world.tracker.trackAgentCall(call)
    await fire(world, INTERVAL)
    expect(world.errors).toMatchObject([{ code: 'invalid_field', path: '/input_tokens', item: { body: { call_id: 'id-2' } } }])
    await fire(world, RETRY_1)
    expect(world.sent[1]?.body.calls).toMatchObject([{ call_id: 'id-3' }])
    expect(world.tracker.stats()).toEqual({ waiting: 0, sent: 2, refused: 1, lost: 0 })
  })

  const UNKNOWN = { status: 404, body: { code: 'not_found', detail: 'no workflow "w" is known here', path: '/workflow_id' } }
  const pathsOf = ({ sent }: Bench): string[] => sent.map(({ url }) => url.slice(url.indexOf('finops/') + 'finops/'.length))

  it('sends an end again that came before its start, which another process reports, and holds nothing up meanwhile', async () => {
    const world = bench()
    world.script.push(UNKNOWN, { status: 200 }, UNKNOWN)
    world.tracker.endWorkflow({ workflowId: 'w' })
    await fire(world, INTERVAL)
    world.tracker.trackAgentCall(call)
    await fire(world, INTERVAL)
    expect(pathsOf(world)).toEqual(['workflows/end', 'calls/batch'])
    expect(world.tracker.stats()).toMatchObject({ waiting: 1, sent: 1 })
    await fire(world, RETRY_1)
    await fire(world, 0)
    world.tracker.startWorkflow({ workflowName: 'Other' })
    const flushed = world.tracker.flush()
    await fire(world, 0)
    expect(await flushed).toEqual({ waiting: 0, sent: 3, refused: 0, lost: 0 })
    expect(pathsOf(world).slice(2)).toEqual(['workflows/end', 'workflows/start', 'workflows/end'])
    expect(world.errors).toEqual([])
    expect(world.timers.delays()).toEqual([])
  })

  it('keeps an end that is tried again behind the start and the calls that come after it', async () => {
    const world = bench()
    world.script.push(UNKNOWN)
    world.tracker.endSession({ sessionId: 's' })
    await fire(world, INTERVAL)
    world.tracker.startSession({ sessionId: 's' })
    world.tracker.trackAgentCall({ ...call, sessionId: 's' })
    world.timers.fire(RETRY_1)
    await fire(world, 0)
    expect(pathsOf(world)).toEqual(['sessions/s/end', 'sessions/start', 'calls/batch', 'sessions/s/end'])
    expect(world.tracker.stats()).toMatchObject({ waiting: 0, sent: 3 })
  })

  it('reports an end as refused that nothing ever starts, after as many tries as a fault has', async () => {
    const world = bench({ faultsMax: 3 })
    world.script.push(UNKNOWN, UNKNOWN, UNKNOWN)
    world.tracker.endWorkflow({ workflowId: 'w' })
    await fire(world, INTERVAL)
    for (const delay of [RETRY_1, 750]) {
      await fire(world, delay)
      await fire(world, 0)
    }
    expect(world.errors).toMatchObject([{ code: 'not_found', status: 404, item: { kind: 'workflow_end', body: { workflow_id: 'w' } } }])
    expect(world.tracker.stats()).toEqual({ waiting: 0, sent: 0, refused: 1, lost: 0 })
  })

  it.each(['flush', 'close'] as const)('tries such an end once more at once in a %s, and then says that it is not known', async (how) => {
    const world = bench()
    world.script.push(UNKNOWN, UNKNOWN)
    world.tracker.endWorkflow({ workflowId: 'w' })
    await fire(world, INTERVAL)
    const done = world.tracker[how]()
    await fire(world, 0)
    expect(await done).toEqual({ waiting: 0, sent: 0, refused: 1, lost: 0 })
    expect(world.errors).toMatchObject([{ code: 'not_found', status: 404, item: { kind: 'workflow_end', body: { workflow_id: 'w' } } }])
    expect(world.sent).toHaveLength(2)
    expect(world.losses).toEqual([])
    expect(world.timers.delays()).toEqual([])
  })

  it('gives an end that is first sent by a flush its last try behind all that waits', async () => {
    const world = bench({ batchMax: 2 })
    world.script.push(UNKNOWN, { status: 200 }, { status: 200 }, UNKNOWN)
    world.tracker.endSession({ sessionId: 's' })
    world.tracker.startSession({ sessionId: 's' })
    world.tracker.trackAgentCall({ ...call, sessionId: 's' })
    world.tracker.trackAgentCall({ ...call, sessionId: 's' })
    const flushed = world.tracker.flush()
    await fire(world, 0)
    expect(await flushed).toMatchObject({ waiting: 0, sent: 3, refused: 1 })
    expect(pathsOf(world)).toEqual(['sessions/s/end', 'sessions/start', 'calls/batch', 'calls/batch', 'sessions/s/end'])
  })

  it('keeps no more ends for later than there is room for', async () => {
    const world = bench({ waitingMax: 3 })
    world.script.push(UNKNOWN, UNKNOWN, UNKNOWN)
    for (const workflowId of ['a', 'b', 'c']) world.tracker.endWorkflow({ workflowId })
    await fire(world, INTERVAL)
    expect(world.tracker.stats()).toEqual({ waiting: 3, sent: 0, refused: 0, lost: 0 })
    world.tracker.trackAgentCall(call)
    world.tracker.trackAgentCall(call)
    expect(world.tracker.stats()).toEqual({ waiting: 3, sent: 0, refused: 0, lost: 2 })
    const closed = world.tracker.close()
    await fire(world, 0)
    expect(await closed).toEqual({ waiting: 0, sent: 3, refused: 0, lost: 2 })
    expect(pathsOf(world).slice(3)).toEqual(['calls/batch', 'workflows/end'])
    expect(world.sent.at(-1)?.body).toMatchObject({ workflow_id: 'c' })
    expect(world.losses).toMatchObject([{ lost: 2, reason: 'queue_full' }])
  })

  it('halves a batch that is too large until it fits', async () => {
    const world = bench()
    world.script.push({ status: 413, body: { code: 'too_large' } })
    for (let count = 0; count < 3; count += 1) world.tracker.trackAgentCall(call)
    await fire(world, INTERVAL)
    expect(world.sent.map(({ body }) => (body.calls as unknown[]).length)).toEqual([3, 2, 1])
    expect(world.tracker.stats()).toMatchObject({ sent: 3 })
  })

  it('has one request in flight', async () => {
    const world = bench({ batchMax: 1 })
    world.script.push('hang')
    world.tracker.startWorkflow({ workflowName: 'a' })
    world.tracker.startWorkflow({ workflowName: 'b' })
    await fire(world, 0)
    expect(world.sent).toHaveLength(1)
    expect(world.timers.delays()).toEqual([10_000])
    await fire(world, 10_000)
    await fire(world, RETRY_1)
    expect(world.sent.map(({ body }) => body.workflow_name)).toEqual(['a', 'a', 'b'])
  })
})

describe('a full queue', () => {
  it('drops the oldest and says once how many were lost', async () => {
    const world = bench({ waitingMax: 10, batchMax: 5 })
    for (let count = 0; count < 25; count += 1) world.tracker.trackAgentCall(call)
    expect(world.tracker.stats()).toEqual({ waiting: 10, sent: 0, refused: 0, lost: 15 })
    expect(world.losses).toEqual([])
    await fire(world, INTERVAL)
    expect(world.losses).toEqual([{ lost: 15, lostInTotal: 15, reason: 'queue_full' }])
    expect(world.sent.flatMap(({ body }) => body.calls as { call_id: string }[])[0]?.call_id).toBe('id-16')
    expect(world.tracker.stats()).toEqual({ waiting: 0, sent: 10, refused: 0, lost: 15 })
  })
})

describe('flush and close', () => {
  it('flush sends at once and resolves when all is settled', async () => {
    const world = bench()
    world.tracker.trackAgentCall(call)
    const flushed = world.tracker.flush()
    await fire(world, 0)
    expect(await flushed).toEqual({ waiting: 0, sent: 1, refused: 0, lost: 0 })
    expect(world.timers.delays()).toEqual([])
  })

  it('flush resolves when its time is over, and what waits still goes out later', async () => {
    const world = bench()
    world.script.push(new TypeError('fetch failed'))
    world.tracker.trackAgentCall(call)
    const flushed = world.tracker.flush({ timeoutMs: 77 })
    await fire(world, 0)
    await fire(world, 77)
    expect(await flushed).toMatchObject({ waiting: 1, lost: 0 })
    await fire(world, RETRY_1)
    expect(world.tracker.stats()).toMatchObject({ sent: 1, waiting: 0 })
  })

  it('close tries at once, also in the middle of a pause, and takes nothing more', async () => {
    const world = bench()
    world.script.push(new TypeError('fetch failed'))
    world.tracker.trackAgentCall(call)
    await fire(world, INTERVAL)
    expect(world.timers.delays()).toEqual([RETRY_1])
    const closed = world.tracker.close()
    expect(world.tracker.close()).toBe(closed)
    await settle()
    expect(await closed).toEqual({ waiting: 0, sent: 1, refused: 0, lost: 0 })
    world.tracker.trackAgentCall(call)
    expect(world.losses).toEqual([{ lost: 1, lostInTotal: 1, reason: 'closed' }])
  })

  it('close ends in its time against a server that hangs, and says what was lost', async () => {
    const world = bench({ batchMax: 1 })
    world.script.push('hang')
    world.tracker.trackAgentCall(call)
    world.tracker.trackAgentCall(call)
    await fire(world, 0)
    const closed = world.tracker.close({ timeoutMs: 88 })
    await settle()
    await fire(world, 88)
    expect(await closed).toEqual({ waiting: 0, sent: 0, refused: 0, lost: 2 })
    expect(world.losses).toEqual([{ lost: 2, lostInTotal: 2, reason: 'timeout' }])
    await settle()
    expect(world.timers.delays()).toEqual([])
    expect(world.sent).toHaveLength(1)
  })
})

describe('options', () => {
  it('sends the key and the organization', async () => {
    const world = bench({ apiKey: ' finops_abc ', organizationId: 'org_789' })
    world.tracker.trackAgentCall(call)
    world.tracker.trackAgentCall({ ...call, organizationId: 'org_own' })
    await fire(world, INTERVAL)
    expect(world.sent[0]?.headers.authorization).toBe('Bearer finops_abc')
    expect(world.sent[0]?.body.calls).toMatchObject([{ organization_id: 'org_789' }, { organization_id: 'org_own' }])
  })

  it.each([{ url: 'not a url' }, { url: 'ftp://purser.test' }, { apiKey: 'with\nnewline' }])(
    'reports %j once and sends nothing',
    async (options) => {
      const world = bench(options)
      expect(world.tracker.trackAgentCall(call)).toBe('id-1')
      world.tracker.trackAgentCall(call)
      expect(world.errors.map(({ code }) => code)).toEqual(['bad_configuration'])
      expect(await world.tracker.close()).toEqual({ waiting: 0, sent: 0, refused: 2, lost: 0 })
      expect(world.sent).toEqual([])
    },
  )

  it('gives ids and sends nothing when disabled', async () => {
    const world = bench({ enabled: false })
    expect(world.tracker.startSession()).toBe('id-1')
    expect(world.timers.delays()).toEqual([])
  })
})

import { createServer, type Server } from 'node:http'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type TestServer, testServer } from '../../../../../conformance/http/test-server.ts'

const ADMIN = 'a-bootstrap-key-of-a-test'
const METRICS_KEY = 'only-for-the-scraper'
const PATHS = ['/actuator/prometheus', '/actuator/metrics', '/actuator/metrics/agent.runs'] as const

const servers: TestServer[] = []
async function serve(options: Parameters<typeof testServer>[0] = {}): Promise<TestServer> {
  const server = await testServer(options)
  servers.push(server)
  return server
}
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

function bearer(secret: string): Record<string, string> {
  return { authorization: `Bearer ${secret}` }
}

describe('who may read the metrics', () => {
  it('with keys required: the bootstrap key and the key of metrics, and no key of one organization', async () => {
    const server = await serve({ auth: 'required', adminKey: ADMIN, metricsKey: METRICS_KEY })
    const made = await server.send(
      'POST',
      '/v1/finops/keys',
      { name: 'reader', organization_id: 'acme', operations: ['read', 'manage', 'prometheus'] },
      bearer(ADMIN),
    )
    const secret = String(made.body.secret)
    for (const path of PATHS) {
      expect((await server.send('GET', path)).status, path).toBe(401)
      expect((await server.send('GET', path, undefined, bearer('only-for-the-scrapes'))).status, path).toBe(401)
      expect((await server.send('GET', path, undefined, bearer(secret))).body, path).toMatchObject({ code: 'forbidden' })
      for (const key of [ADMIN, METRICS_KEY]) expect((await server.send('GET', path, undefined, bearer(key))).status, path).toBe(200)
    }
  })

  it('the key of metrics opens nothing else', async () => {
    const server = await serve({ auth: 'required', adminKey: ADMIN, metricsKey: METRICS_KEY })
    const others = [
      '/v1/finops/analytics/agents',
      '/api/v1/finops/trends',
      '/api/v1/finops/valuation-rates',
      '/v1/finops/keys',
      '/v1/finops/sql',
    ]
    for (const path of others) {
      const answer = await server.send(path.endsWith('sql') ? 'POST' : 'GET', path, undefined, bearer(METRICS_KEY))
      expect(answer.body, path).toMatchObject({ code: 'forbidden' })
    }
    const tool = { tool: 'get_budget_status', input: { agent_id: 'a' } }
    expect((await server.send('POST', '/v1', tool, bearer(METRICS_KEY))).body).toMatchObject({ code: 'forbidden' })
  })

  it('everybody, where the operator says so; and nothing else is open', async () => {
    const server = await serve({ auth: 'required', adminKey: ADMIN, metricsKey: 'open' })
    for (const path of PATHS) expect((await server.send('GET', path)).status, path).toBe(200)
    expect((await server.send('GET', '/v1/finops/analytics/agents')).status).toBe(401)
    expect((await server.send('GET', '/v1/finops/analytics/agents', undefined, bearer('open'))).status).toBe(401)
  })

  it('without keys this machine alone, and no page of another site', async () => {
    const server = await serve()
    expect((await server.send('GET', '/actuator/prometheus')).status).toBe(200)
    expect((await server.send('GET', '/actuator/prometheus', undefined, { host: 'evil.example' })).status).toBe(403)
    expect((await server.send('GET', '/actuator/prometheus', undefined, { origin: 'http://evil.example' })).status).toBe(403)
  })
})

describe('the format', () => {
  it.each([
    ['text/plain;version=0.0.4;q=0.5,*/*;q=0.1', 'text/plain; version=0.0.4; charset=utf-8'],
    [
      'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
      'application/openmetrics-text; version=1.0.0; charset=utf-8',
    ],
    ['*/*', 'text/plain; version=0.0.4; charset=utf-8'],
  ])('of Accept: %s is %s', async (accept, type) => {
    const server = await serve()
    const answer = await server.send('GET', '/actuator/prometheus', undefined, { accept })
    expect(answer.headers['content-type']).toBe(type)
    expect(answer.text.endsWith('# EOF\n')).toBe(type.startsWith('application/openmetrics'))
  })

  it('is that of an actuator for single metrics, with tags to choose by', async () => {
    const server = await serve()
    const call = { agent_name: 'a', model: 'gpt-4o', input_tokens: 100, output_tokens: 10 }
    await server.send('POST', '/v1/finops/calls/track', call)
    await server.send('POST', '/v1/finops/calls/track', { ...call, model: 'gpt-4o-mini', success: false })
    const whole = (await server.send('GET', '/actuator/metrics/finops.calls')).body
    expect(whole).toMatchObject({
      measurements: [{ statistic: 'COUNT', value: 2 }],
      availableTags: [
        { tag: 'outcome', values: ['error', 'success'] },
        { tag: 'price', values: ['exact'] },
      ],
    })
    const part = (await server.send('GET', '/actuator/metrics/finops.calls?tag=outcome:error')).body
    expect(part).toMatchObject({ measurements: [{ value: 1 }], availableTags: [{ tag: 'price' }] })
    const duration = (
      await server.send('GET', '/actuator/metrics/purser.http.request.duration.seconds?tag=route:/v1/finops/calls/track,status:2xx')
    ).body
    expect(duration).toMatchObject({ baseUnit: 'seconds', measurements: [{ statistic: 'COUNT', value: 2 }, { statistic: 'TOTAL_TIME' }] })
  })
})

describe('what was refused', () => {
  it('is counted by its code, and what was asked for is in no label', async () => {
    const server = await serve()
    for (let index = 0; index < 50; index += 1) await server.send('GET', `/v1/finops/nothing-${index}?secret=${index}`)
    await server.send('GET', '/api/v1/finops/trends?days=0')
    await server.send('GET', '/%zz')
    const { text } = await server.send('GET', '/actuator/prometheus')
    expect(text).toMatch(/^purser_refusals_total\{code="not_found"\} 50$/m)
    expect(text).toMatch(/^purser_refusals_total\{code="invalid_field"\} [12]$/m)
    expect(text).toContain('purser_http_request_duration_seconds_count{method="GET",route="unknown",status="4xx"} ')
    expect(text).not.toMatch(/nothing-|secret/)
  })
})

describe('health', () => {
  it('does not wait for what is stuck, and says what it is', async () => {
    const server = await serve()
    const stuck = new Promise<never>(() => undefined)
    Object.assign(server.services.calls, { watermark: () => stuck })
    Object.assign(server.services.alerts, { backlog: () => stuck })
    const begun = performance.now()
    const answer = await server.send('GET', '/actuator/health')
    expect(performance.now() - begun).toBeLessThan(10_000)
    expect(answer.status).toBe(200)
    expect(answer.body).toMatchObject({
      status: 'UP',
      components: {
        calls: { status: 'UNKNOWN', details: { error: 'no answer within 2 s' } },
        webhooks: { status: 'UNKNOWN' },
        db: { status: 'UP' },
      },
    })
    const { text } = await server.send('GET', '/actuator/prometheus')
    expect(text).toContain('purser_scrape_source_up{source="projection"} 0\n')
    expect(text).toContain('purser_scrape_source_up{source="holds"} 1\n')
    expect(text).toContain('# TYPE purser_projection_lag_entries gauge')
    expect(text).not.toMatch(/^purser_projection_lag_entries /m)
  })

  it('is 503 where the ledger does not answer, also for the component alone', async () => {
    const server = await serve()
    const fault = (): Promise<number> => Promise.reject(new RangeError('/data/secret-path is gone'))
    Object.assign(server.services.ledger, { head: fault })
    const answer = await server.send('GET', '/actuator/health')
    expect(answer.status).toBe(503)
    expect(answer.body).toMatchObject({ status: 'DOWN', components: { db: { status: 'DOWN', details: { error: 'RangeError' } } } })
    expect(answer.text).not.toContain('secret-path')
    expect((await server.send('GET', '/actuator/health/db')).status).toBe(503)
    expect((await server.send('GET', '/actuator/health/ping')).body).toEqual({ status: 'UP' })
    expect((await server.send('GET', '/actuator/health/liveness')).status).toBe(200)
  })

  it('tells a stranger that something is wrong and nothing more', async () => {
    const server = await serve({ auth: 'required', adminKey: ADMIN })
    const answer = await server.send('GET', '/actuator/health')
    expect(answer.body).toMatchObject({ components: { db: { status: 'UP' }, diskSpace: { status: 'UP' } } })
    expect(answer.text).not.toMatch(/details|free|head|SQLite/)
    expect((await server.send('GET', '/actuator/health/db')).body).toEqual({ status: 'UP' })
    expect((await server.send('GET', '/actuator/health', undefined, bearer(ADMIN))).body).toMatchObject({
      components: { diskSpace: { details: { exists: true } } },
    })
  })
})

describe('what is not ours', () => {
  let provider: Server
  let asked = 0
  let status = 401
  let url = ''
  beforeAll(async () => {
    provider = createServer((_, response) => {
      asked += 1
      response.writeHead(status).end('{}')
    })
    await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve))
    const address = provider.address()
    url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/v1/models`
  })
  afterAll(() => {
    provider.close()
  })

  it('is asked seldom, shown, and makes nothing unhealthy', async () => {
    let now = Date.UTC(2026, 10, 22)
    const server = await serve({
      now: () => now,
      probes: [
        { group: 'upstreams', name: 'provider', url },
        { group: 'upstreams', name: 'gone', url: 'http://127.0.0.1:1/' },
        { group: 'sandbox', name: 'sandbox', url },
      ],
    })
    const health = () => server.send('GET', '/actuator/health')
    const first = await health()
    expect(first.body, first.text).toMatchObject({
      status: 'UP',
      components: {
        upstreams: {
          status: 'DOWN',
          details: { provider: { status: 'UP', http_status: 401 }, gone: { status: 'DOWN', error: 'ECONNREFUSED' } },
        },
        sandbox: { status: 'UP' },
      },
    })
    for (let index = 0; index < 5; index += 1) await health()
    expect(asked).toBe(2)
    status = 500
    now += 15_000
    expect((await health()).body).toMatchObject({
      status: 'UP',
      components: { sandbox: { status: 'DOWN', details: { sandbox: { http_status: 500 } } } },
    })
    expect(asked).toBe(4)
  })
})

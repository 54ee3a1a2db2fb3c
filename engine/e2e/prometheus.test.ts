import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type TestServer, testServer } from '../../conformance/http/test-server.ts'
import { ALERTS_FILE, alertExpressions, dashboardExpressions, SCRAPE_FILE } from '../../conformance/monitoring/deploy-files.ts'
import { type Prometheus, prometheusSkipReason, promtool, startPrometheus } from '../../conformance/monitoring/prometheus.ts'

const skip = prometheusSkipReason()
const ADMIN = 'a-bootstrap-key-of-a-test'
const METRICS_KEY = 'only-for-the-scraper'
const HOSTILE = ['quo"te', 'back\\slash', 'curly{le="1"} 5', 'ünï\u202ecode', '__name__', '💸', "# EOF'"]

let server: TestServer
let prometheus: Prometheus

const admin = { authorization: `Bearer ${ADMIN}` }

async function track(call: Record<string, unknown>): Promise<void> {
  const answer = await server.send(
    'POST',
    '/v1/finops/calls/track',
    { agent_name: 'scraped', input_tokens: 1_000, output_tokens: 500, ...call },
    admin,
  )
  expect(answer.status, answer.text).toBe(200)
}

describe.skipIf(skip !== null)(`Prometheus scrapes a server${skip === null ? '' : ` (${skip})`}`, () => {
  beforeAll(async () => {
    server = await testServer({ auth: 'required', adminKey: ADMIN, metricsKey: METRICS_KEY })
    await server.send('POST', '/v1/finops/workflows/start', { workflow_name: 'Scrape' }, admin)
    await track({ model: 'gpt-4o' })
    await track({ model: 'gpt-4o', success: false, cache_read_tokens: 800 })
    await track({ model: 'gpt-4o', tags: { cache: 'hit' }, cost_usd: 0 })
    await track({ model: 'text-embedding-3-small', output_tokens: 0 })
    // The name in a response is the provider's and not ours: it may hold what no name of ours may.
    for (const name of [...HOSTILE, 'new\nline']) {
      await track({
        response: { id: name, object: 'chat.completion', model: name, choices: [], usage: { prompt_tokens: 1, completion_tokens: 1 } },
        cost_usd: '0.25',
      })
    }
    await server.send('GET', '/v1/finops/rates?limit=0', undefined, admin)
    prometheus = await startPrometheus({
      global: { scrape_interval: '200ms', evaluation_interval: '200ms' },
      rule_files: [ALERTS_FILE],
      scrape_configs: [
        {
          job_name: 'purser',
          metrics_path: '/actuator/prometheus',
          authorization: { credentials: METRICS_KEY },
          static_configs: [{ targets: [new URL(server.url).host] }],
        },
        { job_name: 'stranger', metrics_path: '/actuator/prometheus', static_configs: [{ targets: [new URL(server.url).host] }] },
      ],
    })
    await vi.waitFor(async () => expect(await prometheus.query('up{job="purser"}')).toMatchObject([{ value: 1 }]), { timeout: 20_000 })
    await vi.waitFor(async () => expect(await prometheus.query('up{job="stranger"}')).toHaveLength(1), { timeout: 20_000 })
  }, 60_000)
  afterAll(async () => {
    await prometheus?.stop()
    await server?.close()
  })

  it('the four metrics of the reference, with what was done', async () => {
    expect(await prometheus.query('agent_runs_total{job="purser"}')).toMatchObject([{ value: 1 }])
    expect(await prometheus.query('sum(agent_tool_calls_total) or vector(0)')).toMatchObject([{ value: 0 }])
    expect(await prometheus.query('finops_cache_savings_usd_total')).toMatchObject([{ value: 0.0075 }])
    expect(await prometheus.query('finops_embedding_cost_usd_sum')).toMatchObject([{ value: 0.00002 }])
    expect(await prometheus.query('finops_embedding_cost_usd_count')).toMatchObject([{ value: 1 }])
  })

  it('costs and tokens, as the ledger has them', async () => {
    expect(await prometheus.query('finops_cost_usd_total{model="gpt-4o",seller="openai"}')).toMatchObject([{ value: 0.014 }])
    const { body } = await server.send('GET', '/v1/finops/analytics/agents', undefined, admin)
    const total = await prometheus.query('sum(finops_cost_usd_total) - sum(finops_cost_reductions_usd_total or vector(0))')
    expect(total[0]?.value).toBeCloseTo(body.total_cost as number, 12)
    expect(await prometheus.query('finops_tokens_total{direction="input",cache="read"}')).toMatchObject([{ value: 800 }])
    expect(await prometheus.query('finops_prompt_cache_savings_usd_total')).toMatchObject([{ value: 0.001 }])
    expect(await prometheus.query('sum(finops_calls_total{outcome="error"})')).toMatchObject([{ value: 1 }])
    expect(await prometheus.query('purser_refusals_total{code="invalid_field"}')).toMatchObject([{ value: 1 }])
  })

  it.each([...HOSTILE, 'new\nline'])('a model called %j', async (name) => {
    const found = await prometheus.query('finops_cost_usd_total')
    expect(found.filter(({ metric }) => metric.model === name)).toMatchObject([{ value: 0.25 }])
  })

  it('nothing without a key', async () => {
    expect(await prometheus.query('up{job="stranger"}')).toMatchObject([{ value: 0 }])
  })

  it('the alert rules are loaded and evaluated without a fault', async () => {
    await expect
      .poll(
        async () => {
          const { groups } = (await prometheus.ask('rules')) as {
            groups: { rules: { name: string; health: string; lastError?: string }[] }[]
          }
          return groups.flatMap(({ rules }) =>
            rules.filter(({ health }) => health !== 'ok').map(({ name, health, lastError }) => `${name} ${health} ${lastError ?? ''}`),
          )
        },
        { timeout: 20_000 },
      )
      .toEqual([])
    const { groups } = (await prometheus.ask('rules')) as { groups: { rules: unknown[] }[] }
    expect(groups.flatMap(({ rules }) => rules)).toHaveLength(alertExpressions().length)
    expect(promtool(['check', 'rules', ALERTS_FILE])).toMatchObject({ ok: true })
    expect(promtool(['check', 'config', SCRAPE_FILE])).toMatchObject({ ok: true })
  })

  it('the dashboard may ask what it asks', async () => {
    for (const expression of dashboardExpressions()) await expect(prometheus.query(expression), expression).resolves.toBeInstanceOf(Array)
  })

  it('the plain text format is read too, and nothing in it is out of use', async () => {
    const answer = await server.send('GET', '/actuator/prometheus', undefined, {
      authorization: `Bearer ${METRICS_KEY}`,
      accept: 'text/plain',
    })
    expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(promtool(['check', 'metrics'], answer.text)).toEqual({ ok: true, said: '' })
  })
})

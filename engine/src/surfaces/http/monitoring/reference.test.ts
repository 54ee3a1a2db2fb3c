import { readFileSync } from 'node:fs'
import { ENDPOINTS, REFERRED } from '@purser/contract'
import { Value } from '@sinclair/typebox/value'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { memberAt } from '../../../../../conformance/http/reading.ts'
import { type TestServer, testServer } from '../../../../../conformance/http/test-server.ts'

interface Step {
  readonly name: string
  readonly method: string
  readonly path: string
  readonly body?: unknown
  readonly fields?: readonly string[]
  readonly expect?: Readonly<Record<string, unknown>>
  readonly equals?: unknown
  readonly contains?: readonly string[]
}

const story: { requests: readonly Step[] } = JSON.parse(
  readFileSync(new URL('../../../../../conformance/http/monitoring-story.json', import.meta.url), 'utf8'),
)
const NOW = Date.UTC(2026, 10, 22, 12)
const minutesAgo = (minutes: number): string => new Date(NOW - minutes * 60_000).toISOString()

let server: TestServer
beforeAll(async () => {
  server = await testServer({ now: () => NOW })
  const session = { session_id: 'session-uuid', agent_name: 'finance_agent', model: 'gpt-4o', input_tokens: 1, output_tokens: 1 }
  const reports = [
    ['/v1/finops/workflows/start', { workflow_id: 'run-1', workflow_name: 'Close the month', session_id: 'session-uuid' }],
    ['/v1/finops/calls/track', { ...session, cost_usd: 0, timestamp: minutesAgo(50) }],
    ['/v1/finops/calls/track', { ...session, cost_usd: '1.05', timestamp: minutesAgo(4) }],
    [
      '/v1/finops/calls/track',
      { agent_name: 'helper', action: 'tool', model: 'gpt-4o', input_tokens: 1_000, output_tokens: 0, timestamp: minutesAgo(3) },
    ],
  ] as const
  for (const [path, body] of reports) {
    const answer = await server.send('POST', path, body)
    expect(answer.status, answer.text).toBe(200)
  }
})
afterAll(() => server.close())

describe('a reader of the live monitoring reference finds every request working', () => {
  it.each(story.requests)('$name', async (step) => {
    const answer = await server.send(step.method, step.path, step.body, { authorization: 'Bearer finops_of_nobody' })
    expect(answer.status, answer.text).toBe(200)
    if (step.equals !== undefined) expect(answer.body).toEqual(step.equals)
    for (const text of step.contains ?? []) expect(answer.text).toContain(text)
    for (const field of step.fields ?? []) expect(memberAt(answer.body, field), `${field} in ${answer.text}`).toBeDefined()
    for (const [field, value] of Object.entries(step.expect ?? {}))
      expect(memberAt(answer.body, field), `${field} in ${answer.text.slice(0, 2_000)}`).toEqual(value)
    const endpoint = endpointOf(step)
    expect(endpoint, step.path).toBeDefined()
    if (answer.body === undefined) return
    const first = Value.Errors(endpoint!.answer, [...REFERRED], answer.body).First()
    expect(first === undefined ? null : `${first.path}: ${first.message}`).toBeNull()
  })

  it('covers every path of the family', () => {
    const asked = new Set(story.requests.map((step) => `${step.method} ${endpointOf(step)?.path}`))
    const family = ENDPOINTS.filter(({ family, path }) => family === 'Live monitoring' || path.startsWith('/actuator'))
    const elsewhere = new Set(['GET /actuator/health/liveness', 'GET /actuator/health/readiness', 'GET /actuator/info'])
    expect(family.map(({ method, path }) => `${method} ${path}`).filter((path) => !asked.has(path) && !elsewhere.has(path))).toEqual([])
  })
})

function endpointOf(step: Step) {
  const [path = ''] = step.path.split('?')
  const matching = ENDPOINTS.filter(
    (endpoint) => endpoint.method === step.method && new RegExp(`^${endpoint.path.replaceAll(/\{[a-zA-Z_]+\}/g, '[^/]+')}$`).test(path),
  )
  return matching.find((endpoint) => endpoint.path === path) ?? matching[0]
}

import { readFileSync } from 'node:fs'
import { ENDPOINTS, REFERRED } from '@purser/contract'
import { Value } from '@sinclair/typebox/value'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { memberAt } from '../../../../conformance/http/reading.ts'
import { type TestServer, testServer } from '../../../../conformance/http/test-server.ts'

interface Step {
  readonly name: string
  readonly method: string
  readonly path: string
  readonly body?: unknown
  readonly fields?: readonly string[]
  readonly expect?: Readonly<Record<string, unknown>>
}

const story: { requests: readonly Step[] } = JSON.parse(
  readFileSync(new URL('../../../../conformance/http/reference-story.json', import.meta.url), 'utf8'),
)

let server: TestServer
beforeAll(async () => {
  server = await testServer()
})
afterAll(() => server.close())

describe('a reader of the reference finds every request working', () => {
  it.each(story.requests)('$name', async (step) => {
    const answer = await server.send(step.method, step.path, step.body)
    expect(answer.status, answer.text).toBe(200)
    for (const field of step.fields ?? []) expect(memberAt(answer.body, field), `${field} in ${answer.text}`).toBeDefined()
    for (const [field, value] of Object.entries(step.expect ?? {})) expect(memberAt(answer.body, field), field).toEqual(value)
    matchesItsSchema(step, answer.body)
  })

  it('covers every path of the family', () => {
    const asked = new Set(story.requests.map((step) => `${step.method} ${endpointOf(step)?.path}`))
    const family = ENDPOINTS.filter(({ family }) => family === 'Tracking' || family === 'Analytics')
    const own = new Set(['POST /v1/finops/calls/batch', 'GET /v1/finops/calls/{call_id}', 'POST /v1/finops/ping'])
    expect(family.map(({ method, path }) => `${method} ${path}`).filter((path) => !asked.has(path) && !own.has(path))).toEqual([])
  })
})

function endpointOf(step: Step) {
  const [path = ''] = step.path.split('?')
  return ENDPOINTS.find((endpoint) => {
    const pattern = new RegExp(`^${endpoint.path.replaceAll(/\{[a-zA-Z_]+\}/g, '[^/]+')}$`)
    return endpoint.method === step.method && pattern.test(path)
  })
}

function matchesItsSchema(step: Step, body: unknown): void {
  const endpoint = endpointOf(step)
  expect(endpoint, step.path).toBeDefined()
  const first = Value.Errors(endpoint!.answer, [...REFERRED], body).First()
  expect(first === undefined ? null : `${first.path}: ${first.message}`).toBeNull()
}

import { readFileSync } from 'node:fs'
import { ENDPOINTS, REFERRED, REPORTING } from '@purser/contract'
import { Value } from '@sinclair/typebox/value'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestServer, testServer } from '../../../../../conformance/http/test-server.ts'

interface Step {
  readonly name: string
  readonly method: string
  readonly path: string
  readonly body?: unknown
  readonly fields?: readonly string[]
  readonly expect?: Readonly<Record<string, unknown>>
}

const story: { requests: readonly Step[] } = JSON.parse(
  readFileSync(new URL('../../../../../conformance/reporting/story.json', import.meta.url), 'utf8'),
)
const NOW = Date.parse('2026-02-28T20:00:00Z')
const SECRET = 'operators-own-secret-0123456789'

/** On a local server nobody needs a key; where keys are needed, registering takes one that may manage, and the rest the one that it gives. */
describe.each(['local', 'required'] as const)('a client of the daily reporting reference finds every request working, keys %s', (auth) => {
  let server: TestServer
  let key: string | null = null
  beforeAll(async () => {
    server = await testServer({ auth, adminKey: auth === 'required' ? SECRET : null, now: () => NOW })
  })
  afterAll(() => server.close())

  it.each(story.requests)('$name', async (step) => {
    const bearer = step.path.endsWith('/register') ? SECRET : key
    const headers: Record<string, string> = auth === 'local' || bearer === null ? {} : { authorization: `Bearer ${bearer}` }
    const answer = await server.send(step.method, step.path, step.body, { ...headers, 'idempotency-key': 'any-key' })
    expect(answer.status, answer.text).toBe(200)
    for (const field of step.fields ?? []) expect(at(answer.body, field), `${field} in ${answer.text}`).toBeDefined()
    for (const [field, value] of Object.entries(step.expect ?? {})) expect(at(answer.body, field), field).toEqual(value)
    const endpoint = ENDPOINTS.find(({ method, path }) => method === step.method && path === step.path.split('?')[0])
    const first = endpoint === undefined ? undefined : Value.Errors(endpoint.answer, [...REFERRED], answer.body).First()
    expect(endpoint === undefined ? 'no endpoint' : first === undefined ? null : `${first.path}: ${first.message}`).toBeNull()
    if (typeof answer.body.api_key === 'string') key = answer.body.api_key
    expect(key).toMatch(/^finops_/)
  })

  it('covers every path of the family', () => {
    const asked = new Set(story.requests.map(({ method, path }) => `${method} ${path.split('?')[0]}`))
    expect(REPORTING.map(({ method, path }) => `${method} ${path}`).filter((path) => !asked.has(path))).toEqual([])
  })
})

function at(value: unknown, path: string): unknown {
  let found: unknown = value
  for (const name of path.split('.')) {
    if (typeof found !== 'object' || found === null) return undefined
    found = (found as Readonly<Record<string, unknown>>)[name]
  }
  return found
}

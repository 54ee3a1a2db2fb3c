import { readFileSync } from 'node:fs'
import { Problem } from '@purser/contract'
import { Value } from '@sinclair/typebox/value'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestServer, testServer } from '../../../../conformance/http/test-server.ts'
import { ERRORS, type ErrorCode } from '../../kernel/index.ts'

interface Refused {
  readonly name: string
  readonly method?: string
  readonly path: string
  readonly body?: unknown
  readonly text?: string
  readonly make?: keyof typeof MADE
  readonly headers?: Record<string, string>
  readonly status: number
  readonly code: ErrorCode
  readonly at?: string
  readonly detail?: string
}

const MADE = {
  long_id: () => JSON.stringify({ call_id: 'x'.repeat(257), model: 'gpt-4o' }),
  many_tags: () => JSON.stringify({ model: 'gpt-4o', tags: Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`t${i}`, 'x'])) }),
  deep_field: () => `{"model":"gpt-4o","x":${'{"a":'.repeat(40)}1${'}'.repeat(41)}`,
  deep_response: () => `{"model":"gpt-4o","response":${'['.repeat(40)}${']'.repeat(40)}}`,
  brackets: () => '['.repeat(1_000_000) + ']'.repeat(1_000_000),
  ten_megabytes: () => JSON.stringify({ model: 'gpt-4o', agent_name: 'x'.repeat(10 * 1024 * 1024) }),
  latin1: () => Buffer.from('{"model":"gpt-4o","agent_name":"Ålesund"}', 'latin1'),
  batch_of_1001: () => JSON.stringify({ calls: Array.from({ length: 1_001 }, () => ({ model: 'gpt-4o', input_tokens: 1 })) }),
} as const

const table: {
  refused: readonly Refused[]
  accepted: readonly { name: string; body: unknown; expect: Readonly<Record<string, unknown>> }[]
} = JSON.parse(readFileSync(new URL('../../../../conformance/http/bad-input.json', import.meta.url), 'utf8'))

let server: TestServer
beforeAll(async () => {
  server = await testServer()
})
afterAll(() => server.close())

describe('bad input is answered by a problem and posts nothing', () => {
  it.each(table.refused)('$name', async (given) => {
    const before = server.services.committer.head()
    const payload = given.make === undefined ? (given.text ?? given.body) : MADE[given.make]()
    const type = typeof payload === 'string' ? { 'content-type': 'application/json' } : {}
    const answer = await server.send(given.method ?? 'POST', given.path, payload, { ...type, ...given.headers })
    const { body } = answer
    expect({ status: answer.status, code: body?.code }, answer.text.slice(0, 500)).toEqual({ status: given.status, code: given.code })
    expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8')
    expect(Value.Check(Problem, body), answer.text.slice(0, 500)).toBe(true)
    expect(body).toMatchObject({ status: ERRORS[given.code].status, title: ERRORS[given.code].title })
    if (given.at !== undefined) expect(body.path).toBe(given.at)
    if (given.detail !== undefined) expect(body.detail).toContain(given.detail)
    expect(answer.text).not.toMatch(/node_modules|\.ts:\d|\.js:\d| {4}at /)
    expect(server.services.committer.head()).toBe(before)
  })

  it('the process stays up', async () => {
    expect((await server.send('GET', '/actuator/health')).status).toBe(200)
    expect(server.said.filter((line) => line.includes('fault'))).toEqual([])
  })
})

describe('odd input that is right', () => {
  it.each(table.accepted)('$name', async ({ body, expect: expected }) => {
    const answer = await server.send('POST', '/v1/finops/calls/track', body)
    expect(answer.status, answer.text).toBe(200)
    expect(answer.body).toMatchObject(expected)
    const explained = await server.send('GET', `/v1/finops/calls/${encodeURIComponent((answer.body as { call_id: string }).call_id)}`)
    expect(explained.status, explained.text).toBe(200)
  })

  it('a name like __proto__ is a line of its own in every answer', async () => {
    const agents = await server.send('GET', '/v1/finops/analytics/agents')
    expect(Object.hasOwn((agents.body as { agents: object }).agents, '__proto__')).toBe(true)
    const tags = await server.send('GET', '/v1/finops/analytics/attribution?group_by=tag:constructor')
    expect((tags.body as { attribution: object }).attribution).toMatchObject({ x: { calls: 1 } })
  })

  it('says which fields are wrong, and how many', async () => {
    const answer = await server.send('POST', '/v1/finops/calls/track', { model: 5, input_tokens: -1, nonsense: true })
    expect(answer.body).toMatchObject({ code: 'unknown_field', path: '/nonsense', wrong_fields: 3 })
  })
})

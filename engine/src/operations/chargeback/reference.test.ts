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
  readonly status?: number
  readonly body?: unknown
  readonly fields?: readonly string[]
  readonly expect?: Readonly<Record<string, unknown>>
  readonly contains?: readonly string[]
}

const { requests } = JSON.parse(readFileSync(new URL('../../../../conformance/http/chargeback-story.json', import.meta.url), 'utf8')) as {
  readonly requests: readonly Step[]
}

let server: TestServer
beforeAll(async () => {
  server = await testServer({ now: () => Date.parse('2026-11-22T12:00:00Z') })
})
afterAll(() => server.close())

describe('a reader of the chargeback and forecast reference finds every request working', () => {
  it.each(requests)('$name', async (step) => {
    const answer = await server.send(step.method, step.path, step.body, { authorization: 'Bearer key_of_nobody' })
    expect(answer.status, answer.text).toBe(step.status ?? 200)
    for (const text of step.contains ?? []) expect(answer.text).toContain(text)
    for (const field of step.fields ?? []) expect(memberAt(answer.body, field), `${field} in ${answer.text}`).toBeDefined()
    for (const [field, value] of Object.entries(step.expect ?? {}))
      expect(memberAt(answer.body, field), `${field} in ${answer.text}`).toEqual(value)
    const endpoint = ENDPOINTS.find(({ method, path }) => method === step.method && path === step.path.split('?')[0])
    expect(endpoint, step.path).toBeDefined()
    if (endpoint === undefined || answer.body === undefined) return
    const first = Value.Errors(endpoint.answer, [...REFERRED], answer.body).First()
    expect(first === undefined ? null : `${first.path}: ${first.message}`).toBeNull()
  })
})

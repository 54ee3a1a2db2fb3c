import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestServer, testServer } from '../../../../../conformance/http/test-server.ts'

interface Case {
  readonly name: string
  readonly calls: readonly Record<string, unknown>[]
  readonly ask: Record<string, unknown>
  readonly expect?: object
  readonly refused?: object
}

const NOW = Date.parse('2026-11-22T10:00:00Z')
const table: Case[] = JSON.parse(readFileSync(new URL('../../../../../conformance/what-if/changes.json', import.meta.url), 'utf8'))

describe('what calls would have cost if', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await testServer({ now: () => NOW })
  })
  afterAll(() => server.close())

  it('has a table', () => expect(table.length).toBeGreaterThan(60))

  it.each(table.map((each, index) => ({ ...each, index })))('$name', async ({ calls, ask, expect: expected, refused, index }) => {
    const organization_id = `case_${index}`
    for (const call of calls) {
      const { status, text } = await server.send('POST', '/v1/finops/calls/track', { ...call, organization_id })
      expect(status, text).toBe(200)
    }
    const { status, body } = await server.send('POST', '/v1/finops/what-if', { ...ask, organization_id })
    if (refused !== undefined) expect(body).toMatchObject(refused)
    else expect({ status, scenario: body.scenario ?? body }).toMatchObject({ status: 200, scenario: expected })
  })
})

import { afterAll, beforeAll, expect, it } from 'vitest'
import { type TestServer, testServer } from '../../../../conformance/http/test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await testServer()
})
afterAll(() => server.close())

it.each(['/', '/docs'])('%s is a page whose parts all come from this server', async (path) => {
  const page = await server.send('GET', path)
  expect(page.status).toBe(200)
  expect(page.headers['content-type']).toContain('text/html')
  expect(page.headers['content-security-policy']).toContain("default-src 'self'")
  const parts = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? '')
  expect(parts.length).toBeGreaterThan(1)
  for (const part of parts) {
    expect(part).toMatch(/^\//)
    expect((await server.send('GET', part)).status, part).toBe(200)
  }
})

it('serves the API document that its own pages read', async () => {
  const document = await server.send('GET', '/openapi.json')
  expect(document.body).toMatchObject({ openapi: '3.1.1', info: { title: 'Purser', version: '0.0.0-test' } })
  expect((await server.send('GET', '/docs/start.js')).text).toContain('/openapi.json')
})

it('does not leave the folder of the pages', async () => {
  for (const path of ['/docs/assets/../package.json', '/docs/assets/%2e%2e/%2e%2e/package.json', '/docs/assets/..%2f..%2fpackage.json']) {
    expect((await server.send('GET', path)).status, path).not.toBe(200)
  }
})

it('answers reports as CSV when asked by format or by Accept', async () => {
  await server.send('POST', '/v1/finops/calls/track', { agent_name: '=cmd()', model: 'gpt-4o', input_tokens: 1000, output_tokens: 500 })
  for (const [path, accept] of [
    ['/v1/finops/export/report?format=csv', '*/*'],
    ['/v1/finops/export/report', 'text/csv'],
  ] as const) {
    const report = await server.send('GET', path, undefined, { accept })
    expect(report.headers['content-type']).toBe('text/csv; charset=utf-8')
    expect(report.text.split('\n')[0]).toMatch(/^agent,model,calls,/)
    expect(report.text).toContain("'=cmd()")
  }
  expect((await server.send('GET', '/v1/finops/export/report', undefined, { accept: 'text/csv, application/json' })).body.total_calls).toBe(
    1,
  )
})

it('runs any operation by its name at one door', async () => {
  const tracked = await server.send('POST', '/v1/operations/track_call', { model: 'gpt-4o', input_tokens: 1000, output_tokens: 500 })
  expect(tracked.body).toMatchObject({ cost: '0.0075' })
  const csv = await server.send('POST', '/v1/operations/export_report', { format: 'csv', group_by: 'model' })
  expect(csv.headers['content-type']).toBe('text/csv; charset=utf-8')
  expect(csv.text).toMatch(/^model,calls/)
})

it('takes ids of any length it documents through the path', async () => {
  const id = '☃'.repeat(256)
  await server.send('POST', '/v1/finops/calls/track', { call_id: id, model: 'gpt-4o', input_tokens: 1, output_tokens: 1 })
  expect((await server.send('GET', `/v1/finops/calls/${encodeURIComponent(id)}`)).body.call_id).toBe(id)
})

import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type FakeProvider, fakeProvider } from '../../../../../../conformance/http/fake-provider.ts'
import { type TestServer, testServer } from '../../../../../../conformance/http/test-server.ts'
import { pagesOf } from '../../../../../../conformance/reconcile/world.ts'

const PURSER = fileURLToPath(new URL('../../../../../bin/purser.js', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'purser-reconcile-e2e-'))

let server: TestServer
let provider: FakeProvider

beforeAll(async () => {
  server = await testServer({ data: join(folder, 'data'), now: () => Date.parse('2026-11-22T10:00:00Z') })
  const call = {
    call_id: 'a',
    agent_name: 'A',
    model: 'gpt-4o',
    input_tokens: 100_000,
    output_tokens: 0,
    timestamp: '2026-11-10T10:00:00Z',
  }
  expect((await server.send('POST', '/v1/finops/calls/track', call)).status).toBe(200)
  const costs = pagesOf({ openai_costs: { '2026-11-10': [['gpt-4o-2024-08-06, input', 0.25, 100_000]] } })
  provider = await fakeProvider(({ path }, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(path.includes('/costs?') ? costs[0] : { object: 'page', data: [], has_more: false }))
  })
})
afterAll(async () => {
  await server.close()
  await provider.close()
  rmSync(folder, { recursive: true, force: true })
})

/** The program in a process of its own, which asks the server for the books and the provider for its bill. */
function purser(env: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    const world = { ...process.env, PURSER_DATA: join(folder, 'data'), PURSER_OPENAI_ADMIN_URL: provider.url, OPENAI_ADMIN_KEY: '', ...env }
    execFile(process.execPath, [PURSER, ...args], { env: world, cwd: folder }, (error, out, err) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err }),
    )
  })
}

describe('purser reconcile, as a program', () => {
  it('asks the provider with the key of its environment and agrees', async () => {
    const ran = await purser(
      { OPENAI_ADMIN_KEY: 'sk-admin' },
      'reconcile',
      '--provider',
      'openai',
      '--from',
      '2026-11-10',
      '--to',
      '2026-11-11',
    )
    expect(ran).toMatchObject({ code: 0, err: '', out: expect.stringContaining('reconciled, within $0.005 a line') })
    expect(provider.asked.map(({ headers }) => headers.authorization)).toEqual(['Bearer sk-admin', 'Bearer sk-admin', 'Bearer sk-admin'])
  })

  it('says that it has no key, and asks nobody', async () => {
    const before = provider.asked.length
    const ran = await purser({}, 'reconcile', '--provider', 'openai', '--from', '2026-11-10')
    expect(ran).toMatchObject({ code: 1, out: '', err: expect.stringContaining('OPENAI_ADMIN_KEY is not set') })
    expect(provider.asked).toHaveLength(before)
  })
})

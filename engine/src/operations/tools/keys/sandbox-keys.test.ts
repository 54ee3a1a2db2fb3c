import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { type Answer, type TestServer, testServer } from '../../../../../conformance/http/test-server.ts'

const NOW = Date.parse('2026-11-22T10:00:00Z')
const opened: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close()
})

async function start(data?: string): Promise<TestServer> {
  const server = await testServer({ now: () => NOW, ...(data === undefined ? {} : { data }) })
  opened.push(server)
  return server
}

const use = (server: TestServer, tool: string, input: object = {}, secret?: unknown): Promise<Answer> =>
  server.send('POST', '/v1', { tool, input }, secret === undefined ? {} : { authorization: `Bearer ${String(secret)}` })

describe('keys of agents in the sandbox', () => {
  it('leave it open, also after a restart, and say who an agent is', async () => {
    const data = mkdtempSync(join(tmpdir(), 'purser-sandbox-'))
    opened.push({ close: async () => rmSync(data, { recursive: true, force: true }) })
    const server = await start(data)
    const made = await use(server, 'create_api_key', { agent_id: 'a', label: 'a-key' })
    expect(made.status, made.text).toBe(200)
    expect((await use(server, 'get_balance', {}, made.body.api_key)).body).toMatchObject({ agent_id: 'a', balance: '500' })
    expect((await use(server, 'get_balance', { agent_id: 'b' }, made.body.api_key)).status).toBe(404)
    expect((await use(server, 'set_budget_cap', { daily_limit: '9' }, made.body.api_key)).status).toBe(403)
    for (const secret of [undefined, 'anything-at-all', 'finops_of_nobody']) {
      expect((await use(server, 'get_balance', { agent_id: 'b' }, secret)).status).toBe(200)
    }
    await server.close()
    opened.pop()
    const again = await start(data)
    expect((await use(again, 'get_budget_status')).status).toBe(200)
    expect((await use(again, 'get_budget_status', {}, made.body.api_key)).body).toMatchObject({ agent_id: 'a' })
  })

  it('open nothing once they have ended: an agent that was stopped stays stopped', async () => {
    const server = await start()
    const made = await use(server, 'create_api_key', { agent_id: 'a', label: 'a-key' })
    const rotated = await use(server, 'rotate_api_key', { agent_id: 'a', key_id: made.body.key_id, grace_seconds: 0 })
    expect(rotated.status, rotated.text).toBe(200)
    expect((await use(server, 'get_balance', {}, made.body.api_key)).status).toBe(401)
    expect((await use(server, 'get_balance', {}, rotated.body.api_key)).body).toMatchObject({ agent_id: 'a' })
    expect((await use(server, 'get_balance')).status).toBe(200)
  })

  it('end with the first other key, after which they go on working and nobody comes in without one', async () => {
    const server = await start()
    const made = await use(server, 'create_api_key', { agent_id: 'a', label: 'a-key' })
    const first = await server.send('POST', '/v1/finops/keys', { name: 'reports' })
    expect([first.status, typeof first.body.admin_secret]).toEqual([201, 'string'])
    expect((await use(server, 'get_budget_status')).status).toBe(401)
    expect((await use(server, 'get_budget_status', {}, made.body.api_key)).body).toMatchObject({ agent_id: 'a' })
    const wallet = await use(server, 'create_wallet', { agent_id: 'new' }, first.body.admin_secret)
    expect(wallet.body).toMatchObject({ balance: '0' })
  })
})

import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { TOOLS } from '@purser/contract'
import { afterEach, describe, expect, it } from 'vitest'
import { type TestServer, testServer } from '../../../../conformance/http/test-server.ts'

const NOW = Date.parse('2026-11-22T10:00:00Z')
const ADMIN = 'operators-own-secret-0123456789'
const MODEL_CALL = { model: 'gpt-4o', input_tokens: 1000, max_output_tokens: 1000 }

const opened: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close()
})

type Era = 'legacy' | 'auto'

async function connected(server: TestServer, era: Era, headers: Record<string, string> = {}): Promise<Client> {
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode: era } })
  await client.connect(new StreamableHTTPClientTransport(new URL(`${server.url}/mcp`), { requestInit: { headers } }))
  opened.push(client)
  return client
}

async function start(options: Parameters<typeof testServer>[0] = {}): Promise<TestServer> {
  const server = await testServer({ now: () => NOW, ...options })
  opened.push(server)
  return server
}

type Called = { isError?: boolean; structuredContent?: Record<string, unknown>; content: { type: string; text?: string }[] }
const call = async (client: Client, name: string, input: Record<string, unknown> = {}): Promise<Called> =>
  (await client.callTool({ name, arguments: input })) as Called

describe.each(['auto', 'legacy'] as const)('the Model Context Protocol with a client that negotiates: %s', (era) => {
  it('speaks the revision that the client asks for', async () => {
    const client = await connected(await start(), era)
    expect(client.getNegotiatedProtocolVersion()).toBe(era === 'auto' ? '2026-07-28' : '2025-11-25')
    expect(client.getServerVersion()).toMatchObject({ name: 'purser' })
    expect(client.getInstructions()).toContain('get_spending_allowance')
  })

  it('lists every tool with its schemas and what using it does', async () => {
    const client = await connected(await start(), era)
    const { tools } = await client.listTools()
    expect(tools.map(({ name }) => name)).toEqual(TOOLS.map(({ tool }) => tool))
    for (const tool of tools) {
      expect([tool.inputSchema.type, tool.outputSchema?.type], tool.name).toEqual(['object', 'object'])
      expect(tool.annotations?.openWorldHint, tool.name).toBe(false)
      expect(tool.annotations?.readOnlyHint, tool.name).toBe(TOOLS.find((one) => one.tool === tool.name)?.effect === 'read')
    }
  })

  it('answers as structure and as text, which the client checks against the schema', async () => {
    const client = await connected(await start(), era)
    await client.listTools()
    await call(client, 'set_budget_cap', { agent_id: 'a', daily_limit: '1.00' })
    const held = await call(client, 'authorize_call', { agent_id: 'a', ...MODEL_CALL })
    expect(held.structuredContent).toMatchObject({ held_usd: '0.0125', budgets: [{ value: 'a', remaining_usd: '0.9875' }] })
    const allowance = await call(client, 'get_spending_allowance', { agent_id: 'a' })
    expect(allowance.structuredContent).toMatchObject({ may_spend_usd: '0.9875' })
    expect(JSON.parse(allowance.content[0]?.text ?? '')).toEqual(allowance.structuredContent)
    expect(allowance.isError).toBeUndefined()
    const settled = { agent_id: 'a', call_id: held.structuredContent?.call_id, model: 'gpt-4o', input_tokens: 1000, output_tokens: 10 }
    expect((await call(client, 'settle_call', settled)).structuredContent).toMatchObject({ cost: '0.0026' })
    const second = await call(client, 'authorize_call', { agent_id: 'a', ...MODEL_CALL })
    const voided = await call(client, 'void_hold', { agent_id: 'a', call_id: second.structuredContent?.call_id })
    expect(voided.structuredContent).toMatchObject({ call_id: second.structuredContent?.call_id })
    expect((await call(client, 'get_budget_status', { agent_id: 'a' })).structuredContent).toMatchObject({
      held: '0',
      spent_today: '0.0026',
    })
  })

  it('refuses in a way that an agent understands: what refused, what is left, what to do', async () => {
    const client = await connected(await start(), era)
    await call(client, 'set_budget_cap', { agent_id: 'a', daily_limit: '0.01' })
    const refused = await call(client, 'authorize_call', { agent_id: 'a', ...MODEL_CALL })
    expect(refused.isError).toBe(true)
    expect(refused.structuredContent).toMatchObject({
      code: 'budget_exceeded',
      status: 402,
      retryable: false,
      most_that_fits_usd: '0.01',
      refused_by: [{ dimension: 'agent', value: 'a', limit_usd: '0.01', resets_at: '2026-11-23T00:00:00.000Z' }],
      cheaper_models: expect.arrayContaining([expect.objectContaining({ model: expect.any(String) })]),
    })
    expect(refused.content[0]?.text).toMatch(
      /^Refused \(budget_exceeded\): .*daily budget of \$0\.01 for agent "a".*Repeating the same request will be refused again\.$/,
    )
    const wrong = await call(client, 'set_budget_cap', { agent_id: 'a', daily_limit: 'a lot' })
    expect(wrong).toMatchObject({ isError: true, structuredContent: { code: 'invalid_field', path: '/daily_limit' } })
    const unknown = await call(client, 'get_budget_status', { agent: 'a' })
    expect(unknown).toMatchObject({ isError: true, structuredContent: { code: 'unknown_field', path: '/agent' } })
  })

  it('does not know a tool that is not there', async () => {
    const client = await connected(await start(), era)
    const outcome = await call(client, 'get_rich').catch((error: unknown) => error)
    expect(outcome instanceof Error ? outcome.message : (outcome as Called).content[0]?.text).toMatch(/get_rich/)
  })

  it('takes the agent of the header, as the envelope does', async () => {
    const client = await connected(await start(), era, { 'x-agent-id': 'of-the-header' })
    expect((await call(client, 'get_budget_status')).structuredContent).toMatchObject({ agent_id: 'of-the-header' })
  })

  it('shows a key the tools that it may use, and no others', async () => {
    const server = await start({ auth: 'required', adminKey: ADMIN })
    const admin = { authorization: `Bearer ${ADMIN}` }
    const made = await server.send('POST', '/v1/finops/keys', { name: 'reader', organization_id: 'o', operations: ['read'] }, admin)
    const client = await connected(server, era, { authorization: `Bearer ${String(made.body.secret)}` })
    const { tools } = await client.listTools()
    expect(tools.map(({ name }) => name)).toEqual(TOOLS.filter(({ permission }) => permission === 'read').map(({ tool }) => tool))
    const outcome = await call(client, 'set_budget_cap', { agent_id: 'a', daily_limit: '1' }).catch((error: unknown) => error as Error)
    expect(outcome).toSatisfy((one: Called | Error) => one instanceof Error || one.isError === true)
    const other = await connected(server, era, admin)
    expect((await call(other, 'get_budget_status', { agent_id: 'a' })).structuredContent).not.toHaveProperty('daily_limit')
  })
})

describe('the door of the Model Context Protocol', () => {
  const initialize = {
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 't', version: '1' } },
  }
  const accept = { accept: 'application/json, text/event-stream' }

  it('asks for a key where one is required, before it reads anything', async () => {
    const server = await start({ auth: 'required', adminKey: ADMIN })
    for (const headers of [{}, { authorization: 'Bearer finops_wrong' }]) {
      const answer = await server.send('POST', '/mcp', initialize, { ...accept, ...headers })
      expect([answer.status, answer.body.code]).toEqual([401, 'unauthenticated'])
    }
    expect((await server.send('POST', '/mcp', initialize, { ...accept, authorization: `Bearer ${ADMIN}` })).status).toBe(200)
  })

  it('answers no page of another site and no foreign name of this machine', async () => {
    const server = await start()
    const page = await server.send('POST', '/mcp', initialize, { ...accept, origin: 'https://attacker.example' })
    const rebound = await server.send('POST', '/mcp', initialize, { ...accept, host: 'attacker.example' })
    expect([page.status, page.body.code, rebound.status, rebound.body.code]).toEqual([403, 'forbidden', 403, 'host_not_allowed'])
  })

  it('takes older revisions, keeps no session, and refuses what is no message', async () => {
    const server = await start()
    const old = await server.send('POST', '/mcp', initialize, accept)
    expect([old.status, old.text.includes('"protocolVersion":"2025-06-18"'), old.headers['mcp-session-id']]).toEqual([200, true, undefined])
    expect((await server.send('GET', '/mcp', undefined, accept)).status).toBe(405)
    expect((await server.send('DELETE', '/mcp')).status).toBe(405)
    for (const body of [{}, [], { jsonrpc: '2.0', id: 1 }, { jsonrpc: '1.0', id: 1, method: 'x' }, 'null']) {
      const answer = await server.send('POST', '/mcp', body, { ...accept, 'content-type': 'application/json' })
      expect(answer.status, JSON.stringify(body)).toBeGreaterThanOrEqual(400)
      expect(answer.status, JSON.stringify(body)).toBeLessThan(500)
    }
    expect((await server.send('POST', '/mcp', '{', { ...accept, 'content-type': 'application/json' })).body.code).toBe('invalid_json')
  })

  it('keeps no stream open for a subscription: there is nothing to tell', async () => {
    const server = await start()
    const meta = {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientInfo': { name: 't', version: '1' },
      'io.modelcontextprotocol/clientCapabilities': {},
    }
    const listen = {
      jsonrpc: '2.0',
      id: 7,
      method: 'subscriptions/listen',
      params: { _meta: meta, notifications: { toolsListChanged: true } },
    }
    const headers = { ...accept, 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'subscriptions/listen' }
    const answer = await server.send('POST', '/mcp', listen, headers)
    expect(answer.text).toContain('"error"')
  })
})

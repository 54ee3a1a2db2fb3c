import { afterEach, describe, expect, it } from 'vitest'
import { type TestServer, testServer } from '../../conformance/http/test-server.ts'
import { BudgetExhausted, FleetClient, float, HttpFault } from '../../conformance/tools/client.ts'
import { ControlPlane, delegate, emergencyCostStop, rebalance, rotateKey, route } from '../../conformance/tools/flows/control-plane.ts'
import {
  categoryTable,
  chargeback,
  cheapest,
  dashboard,
  discountLines,
  invoice,
  leaderboard,
  normalized,
  platformLines,
  profitAndLoss,
  weeklyTrend,
} from '../../conformance/tools/flows/reports.ts'
import {
  type ClientOf,
  capFleet,
  fundWorker,
  guardedTasks,
  preflight,
  provisionWallets,
  quickStart,
  safely,
  searchUntilStopped,
  workflowBudget,
} from '../../conformance/tools/flows/wallets.ts'
import { alertTiers, auditWebhooks, cleanUp, deliveryLog } from '../../conformance/tools/flows/webhooks.ts'

/**
 * The programs of the agent wallet reference, in our words, against a real server: what they send is what the documented client sends, and what they read
 * is read as Python reads it, so that a field of a wrong type or a null in the wrong place fails here as it would there.
 */
const NOW = Date.parse('2026-11-22T10:00:00Z')
const ADMIN = 'operators-own-secret-0123456789'
const AUTH = { authorization: `Bearer ${ADMIN}` }

let servers: TestServer[] = []
afterEach(async () => {
  for (const server of servers) await server.close()
  servers = []
})

async function start(mode: 'required' | 'local', now: () => number = () => NOW): Promise<{ server: TestServer; clientOf: ClientOf }> {
  const server = await testServer(mode === 'required' ? { auth: 'required', adminKey: ADMIN, now } : { now })
  servers.push(server)
  const apiKey = mode === 'required' ? ADMIN : 'sandbox-key-of-anybody'
  return { server, clientOf: (agentId) => new FleetClient({ url: server.url, apiKey, agentId }) }
}

async function track(server: TestServer, agent: string, cost: string, more: object = {}): Promise<void> {
  const posted = await server.send('POST', '/v1/finops/calls/track', { agent_name: agent, model: 'm', cost_usd: cost, ...more }, AUTH)
  expect(posted.status, posted.text).toBe(200)
}

describe.each(['required', 'local'] as const)('a client of the agent wallet reference, unchanged, keys: %s', (mode) => {
  const credits = mode === 'local' ? 500 : 0

  it('starts in five calls', async () => {
    const { clientOf } = await start(mode)
    expect(await quickStart(clientOf('research-agent-01'))).toBe(`Agent research-agent-01 ready. Balance: $${100 + credits}`)
  })

  it('provisions a fleet: programs that share a key and do not say who they are share a wallet', async () => {
    const { clientOf } = await start(mode)
    expect(await provisionWallets(clientOf, { 'orchestrator-01': 500, 'researcher-01': 100, 'classifier-01': 50 })).toEqual([
      `orchestrator-01: wallet:default deposited $500.00 balance $${500 + credits}`,
      `researcher-01: wallet:default deposited $100.00 balance $${600 + credits}`,
      `classifier-01: wallet:default deposited $50.00 balance $${650 + credits}`,
    ])
  })

  it('asks before expensive work, and stops where the cap would be broken', async () => {
    const { server, clientOf } = await start(mode)
    const client = clientOf('researcher-01')
    await client.createWallet()
    await client.deposit(100)
    await server.send('PUT', '/v1/finops/wallets', { agent_name: 'summarizer-01' }, AUTH)
    await client.setBudgetCap(25, 500)
    const tasks = [
      ['search_services', { query: 'document summarization' }],
      ['create_escrow', { amount: '25.00', payee: 'summarizer-01' }],
      ['submit_metrics', { metrics: { accuracy: 0.95 } }],
    ] as const
    expect(await guardedTasks(client, tasks)).toEqual(tasks.map(([tool]) => `Executed ${tool}: OK`))
    expect(float((await client.getBalance()).balance)).toBe(75 + credits)
    await track(server, 'researcher-01', '24.999')
    await server.send(
      'PUT',
      '/v1/finops/rates',
      { provider: 'purser', model: 'submit_metrics', rates: [{ meter: 'request', price: '0.01', per: 1 }] },
      AUTH,
    )
    expect(await preflight(client, 'submit_metrics', {})).toBe(false)
    expect(await guardedTasks(client, tasks)).toEqual([
      'Executed search_services: OK',
      'Executed create_escrow: OK',
      'Skipped submit_metrics: insufficient budget',
    ])
  })

  it('funds a worker for a task, and a run of a workflow', async () => {
    const { clientOf } = await start(mode)
    await clientOf('orchestrator-01').createWallet()
    expect(await fundWorker(clientOf('researcher-01'), 15)).toBe(Math.max(15, credits))
    expect(await fundWorker(clientOf('researcher-01'), 600.1)).toBeCloseTo(600.1, 9)
    const run = await workflowBudget(clientOf, 'quarterly-report', '0a1b2c3d', 50)
    expect(await run.getBudgetStatus()).toMatchObject({ agent_id: 'wf-quarterly-report-0a1b2c3d', daily_limit: '50' })
  })

  it('caps a fleet by role, and prints the caps', async () => {
    const { server, clientOf } = await start(mode)
    await track(server, 'researcher-01', '1.25')
    await track(server, 'researcher-01', '2', { timestamp: '2026-11-03T00:00:00Z' })
    expect(await capFleet(clientOf, { 'orchestrator-01': 'orchestrator', 'researcher-01': 'researcher', 'poet-01': 'poet' })).toEqual([
      'orchestrator-01 (orchestrator): $100/$2000 of which $0/$0',
      'researcher-01 (researcher): $25/$500 of which $1.25/$3.25',
    ])
  })

  it('attributes costs: categories, teams, profit and loss, weeks', async () => {
    const { server, clientOf } = await start(mode)
    await track(server, 'researcher-01', '12.345', { action: 'web research' })
    await track(server, 'researcher-01', '0.5')
    await server.send('POST', '/v1/finops/calls/track', { agent_name: 'researcher-01', model: 'a-model-of-nobody' }, AUTH)
    await track(server, 'classifier-01', '3', { timestamp: '2026-11-10T10:00:00Z' })
    const researcher = clientOf('researcher-01')
    expect(await categoryTable(researcher, '2026-11-01', '2026-11-22')).toEqual([
      'web research.................. $   12.35 (1 calls)',
      'm............................. $    0.50 (1 calls)',
    ])
    const teams = await chargeback(clientOf, { data: ['researcher-01', 'researcher-02'], ml: ['classifier-01'] })
    expect(teams).toEqual({
      data: {
        total: 12.85,
        agents: [
          { agentId: 'researcher-01', cost: 12.845, calls: 3 },
          { agentId: 'researcher-02', cost: 0, calls: 0 },
        ],
      },
      ml: { total: 3, agents: [{ agentId: 'classifier-01', cost: 3, calls: 1 }] },
    })
    await server.send('PUT', '/v1/finops/wallets', { agent_name: 'classifier-01' }, AUTH)
    await server.send('POST', '/v1/finops/wallets/classifier-01/earn', { amount_usd: '10' }, AUTH)
    expect(await profitAndLoss(clientOf('classifier-01'))).toEqual({ revenue: 10, cost: 3, profit: 7, margin: 70 })
    expect(
      await weeklyTrend(clientOf('classifier-01'), [
        ['2026-11-09', '2026-11-15'],
        ['2026-11-16', '2026-11-22'],
      ]),
    ).toEqual(['2026-11-09 to 2026-11-15: $3.00 (1 calls)', '2026-11-16 to 2026-11-22: $0.00 (0 calls)'])
    const bill = await invoice(clientOf, ['researcher-01', 'classifier-01'], 20)
    expect(bill).toMatchObject({
      cost: 15.85,
      markup: 3.17,
      total: 19.01,
      items: [
        { cost: 12.85, calls: 3 },
        { cost: 3, calls: 1 },
      ],
    })
  })

  it('optimizes: discounts, the cheapest tool, one currency', async () => {
    const { server, clientOf } = await start(mode)
    const client = clientOf('orchestrator-01')
    expect(await discountLines(client)).toEqual([
      'current_tier: none',
      'discount_pct: 0',
      'monthly_volume: 0',
      'next_tier_threshold: None',
      'next_tier_discount_pct: None',
    ])
    for (const [model, price] of [
      ['summarize_gpt4o', '10'],
      ['summarize_claude', '6'],
      ['summarize_llama', '1'],
    ]) {
      await server.send('PUT', '/v1/finops/rates', { model, input_per_1m: price }, AUTH)
    }
    const candidates = [
      { tool: 'summarize_gpt4o', params: { tokens: 2000 }, quality: 0.95 },
      { tool: 'summarize_claude', params: { tokens: 2000 }, quality: 0.93 },
      { tool: 'summarize_of_nobody', params: { tokens: 2000 }, quality: 0.99 },
      { tool: 'summarize_llama', params: { tokens: 2000 }, quality: 0.7 },
    ]
    expect(await cheapest(client, candidates, 0.8)).toEqual({ tool: 'summarize_claude', cost: 0.012 })
    const unpriced = ['inference_gpt4o', 'inference_claude'].map((tool) => ({ tool, params: { task_type: 'x' }, quality: 1 }))
    expect((await cheapest(client, unpriced, 0.8)).cost).toBe(Number.POSITIVE_INFINITY)
    const costs = [
      { cost: 85.5, currency: 'EUR' },
      { cost: 92, currency: 'USD' },
      { cost: 12000, currency: 'JPY' },
    ]
    await expect(normalized(client, costs)).rejects.toThrow(HttpFault)
    await server.send('PUT', '/v1/finops/fx', { currency: 'EUR', usd_per_unit: '1.08', as_of: '2026-11-20', source: 'ECB' }, AUTH)
    await server.send('PUT', '/v1/finops/fx', { currency: 'JPY', usd_per_unit: '0.0065', as_of: '2026-11-20', source: 'ECB' }, AUTH)
    expect(await normalized(client, costs)).toEqual([92.34, 92, 78])
  })

  it('shows the fleet: leaderboard, platform, dashboard', async () => {
    const { server, clientOf } = await start(mode)
    await track(server, 'researcher-01', '0.5')
    await track(server, 'researcher-02', '4.5')
    await server.send('POST', '/v1/finops/calls/track', { agent_name: 'poet-01', model: 'a-model-of-nobody' }, AUTH)
    await clientOf('researcher-01').createWallet()
    await clientOf('researcher-02').setBudgetCap(5, 100)
    expect(await leaderboard(clientOf('researcher-01'))).toEqual([
      `${'1'.padEnd(6)}${'researcher-01'.padEnd(25)}${'2'.padEnd(15)}$0.50`,
      `${'2'.padEnd(6)}${'researcher-02'.padEnd(25)}${'0.222222'.padEnd(15)}$4.50`,
      `${'3'.padEnd(6)}${'poet-01'.padEnd(25)}${'N/A'.padEnd(15)}$0.00`,
    ])
    expect(await platformLines(clientOf('researcher-01'))).toEqual([
      'active_agents: 3',
      'total_spend_mtd: 5',
      'avg_cost_per_call: 2.5',
      'total_calls_mtd: 3',
      'budget_utilization_pct: 4.5',
      'agents_over_budget: 0',
    ])
    const { lines, alerts } = await dashboard(clientOf, ['researcher-01', 'researcher-02'])
    expect(lines).toEqual([`researcher-01 $${credits}.00 $0.50 $0.00 0.0%`, `researcher-02 $${credits}.00 $4.50 $5.00 90.0%`])
    expect(alerts).toEqual(['researcher-02: 90.0% of daily budget used'])
    expect(await categoryTable(clientOf('researcher-02'), '2026-11-22')).toHaveLength(1)
  })

  it('manages alerts by webhook', async () => {
    const { clientOf } = await start(mode)
    const client = clientOf('researcher-01')
    const ids = await alertTiers(client)
    expect(new Set(ids).size).toBe(3)
    expect(await auditWebhooks(client)).toEqual([
      `${ids[0]} https://your-app.example.com/alerts/warning ["budget.threshold"] {"threshold_pct":75}`,
      `${ids[1]} https://your-app.example.com/alerts/critical ["budget.threshold"] {"threshold_pct":90}`,
      `${ids[2]} https://your-app.example.com/alerts/exhausted ["budget.threshold"] {"threshold_pct":100}`,
    ])
    await client.updateWebhook(String(ids[0]), { config: { threshold_pct: 60 } })
    expect((await auditWebhooks(client))[0]).toContain('{"threshold_pct":60}')
    expect(await deliveryLog(client, String(ids[0]))).toEqual([])
    expect(await auditWebhooks(clientOf('researcher-02'))).toEqual([])
    expect(await cleanUp(client)).toBe(3)
    expect(await auditWebhooks(client)).toEqual([])
  })

  it('runs the control plane: provision, delegate, charge back, rebalance, route, rotate', async () => {
    const { server, clientOf } = await start(mode)
    const plane = new ControlPlane(clientOf, 'https://your-app.invalid/alerts')
    const keys: Record<string, string> = {}
    for (const [agentId, deposit, dailyCap, monthlyCap] of [
      ['orch-01', 200, 80, 1600],
      ['res-01', 75, 30, 600],
      ['res-02', 75, 30, 600],
      ['sum-01', 50, 20, 400],
      ['cls-01', 40, 15, 300],
    ] as const) {
      keys[agentId] = String((await plane.provision(agentId, { deposit, dailyCap, monthlyCap })).key_id)
    }
    for (const agentId of plane.agents.keys()) {
      expect(await delegate(clientOf(agentId), 'search_services', { query: 'climate data analysis' })).toBe('success')
    }
    await track(server, 'res-01', '27')
    const status = await plane.budgetStatus()
    expect(status['res-01']).toEqual({ spent: '27', limit: '30', balance: String(440 + credits) })
    expect(await plane.chargeback({ research: ['res-01', 'res-02'], platform: ['orch-01'] })).toEqual({ research: 27, platform: 0 })
    const caps = await rebalance(plane)
    expect(caps).toEqual({ 'res-01': 102.5, 'orch-01': 61.875, 'res-02': 11.875, 'sum-01': 5, 'cls-01': 5 })
    expect(await clientOf('sum-01').getBudgetStatus()).toMatchObject({ daily_limit: '5', monthly_limit: '400' })
    expect(await route(plane, ['res-01', 'res-02', 'cls-01'], 'search_services', {})).toBe('res-01')
    await plane.rotateAll(keys)
    await expect(plane.rotateAll(keys)).rejects.toThrow(/replaced/)
  })
})

describe('keys of agents', () => {
  async function keyed(): Promise<{
    server: TestServer
    admin: FleetClient
    own: (apiKey: string) => FleetClient
    clock: { now: number }
  }> {
    const clock = { now: NOW }
    const { server, clientOf } = await start('required', () => clock.now)
    return {
      server,
      admin: clientOf('researcher-01'),
      own: (apiKey) => new FleetClient({ url: server.url, apiKey, agentId: 'researcher-01' }),
      clock,
    }
  }

  it('stop an agent at its cap: its own key says who it is, whatever it sends', async () => {
    const { server, admin, own } = await keyed()
    await admin.setBudgetCap(0.35)
    await server.send(
      'PUT',
      '/v1/finops/rates',
      { provider: 'purser', model: 'search_services', rates: [{ meter: 'request', price: '0.05', per: 1 }] },
      AUTH,
    )
    const client = own(String((await admin.createApiKey('researcher-01-production')).api_key))
    const stopped = await searchUntilStopped(client)
    expect(stopped?.iteration).toBe(7)
    expect(stopped?.text).toMatch(/has exceeded its budget cap\. Response: .*used up: \$0\.35 is spent/)
    expect(await safely(client, 'submit_metrics', { metrics: { a: 1 } })).toMatchObject({ error: 'budget_exhausted' })
    expect(await client.getBudgetStatus()).toMatchObject({ spent_today: '0.35', exhausted: true })
    await expect(delegate(client, 'create_escrow', { amount: '1.00', payee: 'x' })).resolves.toBe('budget_exhausted')
    await expect(client.setBudgetCap(100)).rejects.toThrow(/forbidden/)
  })

  it('may do what they were given and nothing else, and see no other agent', async () => {
    const { admin, own, server } = await keyed()
    const created = await admin.createApiKey('researcher-01-production', ['search_services', 'get_balance', 'get_budget_status'])
    expect(created).toMatchObject({ agent_id: 'researcher-01', permissions: ['search_services', 'get_balance', 'get_budget_status'] })
    expect(String(created.api_key)).toMatch(/^finops_/)
    const client = own(String(created.api_key))
    expect(await client.execute('search_services', { query: 'x' })).toMatchObject({ total: 0 })
    expect(await client.getBudgetStatus()).toMatchObject({ agent_id: 'researcher-01' })
    await expect(client.getBillingSummary()).rejects.toThrow(/may not use get_billing_summary/)
    const other = await client.post('get_budget_status', { agent_id: 'researcher-02' })
    expect([other.status, other.body.code, other.body.path]).toEqual([404, 'not_found', '/input/agent_id'])
    const header = await server.send(
      'POST',
      '/v1',
      { tool: 'get_budget_status' },
      { authorization: `Bearer ${String(created.api_key)}`, 'x-agent-id': 'researcher-02' },
    )
    expect([header.status, header.body.code]).toEqual([404, 'not_found'])
    await expect(admin.createApiKey('x', ['get_balanc'])).rejects.toThrow(/did you mean/)
  })

  it('without a list use the metered tools and read, and raise no limit of their own', async () => {
    const { server, admin, own } = await keyed()
    await track(server, 'a-rival', '7')
    await track(server, 'researcher-01', '2')
    const created = await admin.createApiKey('researcher-01-managed')
    const client = own(String(created.api_key))
    await client.getBillingSummary()
    expect(await client.getAgentLeaderboard()).toMatchObject({ agents: [{ agent_id: 'researcher-01', total_spend: '2' }] })
    expect(await client.getPlatformStats()).toMatchObject({ active_agents: 1, total_spend_mtd: '2' })
    expect(await admin.getPlatformStats()).toMatchObject({ active_agents: 2, total_spend_mtd: '9' })
    for (const attempt of [
      client.deposit(1),
      client.createWallet(),
      client.setBudgetCap(5),
      client.createApiKey('more'),
      client.rotateApiKey(String(created.key_id)),
    ]) {
      await expect(attempt).rejects.toThrow(/forbidden/)
    }
    await expect(client.setBudgetCap(5)).rejects.not.toThrow(BudgetExhausted)
  })

  it('are rotated: a new one first, the old one works for its grace, then it is dead', async () => {
    const { admin, own, clock } = await keyed()
    const old = await admin.createApiKey('old')
    const rotated = await rotateKey(admin, String(old.key_id), 'researcher-01-rotated-1')
    expect(rotated.status).toBe('rotated')
    await own(rotated.apiKey).getBudgetStatus()
    await own(String(old.api_key)).getBudgetStatus()
    clock.now += 299_000
    await own(String(old.api_key)).getBudgetStatus()
    clock.now += 2_000
    await expect(own(String(old.api_key)).getBudgetStatus()).rejects.toThrow(/unauthenticated/)
    await own(rotated.apiKey).getBudgetStatus()
    await expect(admin.rotateApiKey('key_abc123')).rejects.toThrow(/not_found/)
  })

  it('are ended in an emergency, at once where no grace is given; another agent’s key is not found', async () => {
    const { server, admin, own } = await keyed()
    await track(server, 'researcher-01', '3.5')
    const first = await admin.createApiKey('first')
    expect(await emergencyCostStop(admin, String(first.key_id))).toBe('3.5')
    const second = await admin.createApiKey('second')
    const ended = await admin.execute('rotate_api_key', { agent_id: 'researcher-01', key_id: second.key_id, grace_seconds: 0 })
    expect(ended).toMatchObject({ status: 'rotated', old_key_id: second.key_id, old_key_valid_until: '2026-11-22T10:00:00.000Z' })
    await expect(own(String(second.api_key)).getBudgetStatus()).rejects.toThrow(/unauthenticated/)
    await own(String(ended.api_key)).getBudgetStatus()
    const stranger = await admin.post('rotate_api_key', { agent_id: 'researcher-02', key_id: String(ended.key_id) })
    expect([stranger.status, stranger.body.path]).toEqual([404, '/input/key_id'])
  })
})

import { execFile, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { testServer } from '../../conformance/http/test-server.ts'

const PROGRAM = fileURLToPath(new URL('../../conformance/tools/agent-wallets.py', import.meta.url))
const NOW = Date.parse('2026-11-22T10:00:00Z')
const ADMIN = 'operators-own-secret-0123456789'
const AUTH = { authorization: `Bearer ${ADMIN}` }
const run = promisify(execFile)

const hasPython = spawnSync('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 8))']).status === 0

describe('a client of the agent wallet family in Python', () => {
  it.skipIf(!hasPython)('lives a day with Purser and reads every answer as Python does (needs python3 3.8 or newer)', async () => {
    const server = await testServer({ auth: 'required', adminKey: ADMIN, now: () => NOW })
    try {
      const price = { provider: 'purser', model: 'search_services', rates: [{ meter: 'request', price: '0.15', per: 1 }] }
      await server.send('PUT', '/v1/finops/rates', price, AUTH)
      await server.send('POST', '/v1/finops/calls/track', { agent_name: 'poet-01', model: 'a-model-of-nobody' }, AUTH)
      const { stdout } = await run('python3', [PROGRAM, server.url, ADMIN, '2026-11-22'])
      expect(stdout.trim().split('\n')).toEqual([
        'wallet wallet:default balance $104.80001 or 104.80',
        'limits $25 $500 spent $0 $0',
        'search costs ~$0.1500, daily remaining=$25.00, affordable=True',
        'unknown costs inf',
        "  https://your-app.example.com/alerts/75 | ['budget.threshold'] | {'threshold_pct': 60}",
        "  https://your-app.example.com/alerts/90 | ['budget.threshold'] | {'threshold_pct': 90}",
        "  https://your-app.example.com/alerts/100 | ['budget.threshold'] | {'threshold_pct': 100}",
        'webhooks left: 0',
        "Key value: finops_... permissions: ['search_services', 'get_balance', 'get_budget_status']",
        'stopped at (7, True)',
        'rotation rotated; spent today $1.05',
        'the old key still works for its grace: researcher-01',
        '  search_services............... $    1.05 (7 calls)',
        'Revenue=$0.0, Cost=$1.05, Profit=$-1.05, 7 calls',
        'Week: $1.05 (7 calls)',
        'Tier none 0% of $1.05, next $None',
        '1     researcher-01            6.66667        $1.05',
        '2     poet-01                  N/A            $0.00',
        '2 agents | $1.05 MTD | 0.21% budget used | 1 over',
        'no rate, no conversion: 400',
      ])
    } finally {
      await server.close()
    }
  })
})

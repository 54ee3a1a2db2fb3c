import { expect, it } from 'vitest'
import { NOW, purser } from '../../../../../../conformance/cli/purser.ts'
import { testServer } from '../../../../../../conformance/http/test-server.ts'
import { createInvoke } from '../../../../operations/index.ts'

it('draws up, issues, lists, shows and credits, within 80 columns', async () => {
  const server = await testServer({ now: () => NOW })
  try {
    const invoke = createInvoke(server.services)
    const run = (...argv: string[]) => purser(['invoices', ...argv], invoke, 80)
    expect((await run()).err).toContain('No invoices yet')
    await server.send('POST', '/v1/finops/calls/track', {
      team: 'data',
      model: 'gpt-4o',
      cost_usd: '10',
      timestamp: '2026-10-10T00:00:00Z',
    })
    const preview = await run('bill', 'team', 'data', '--markup', '10')
    expect(preview.out).toMatch(/gpt-4o +1 +\$10\.00 +11\.00/)
    expect(preview.err).toContain('This is a preview')
    expect((await run('bill', 'team', 'data', '--markup', 'ten')).code).toBe(1)
    expect((await run('bill', 'team', 'data', '--issue')).out).toContain('Invoice INV-2026-0001 for team data')
    await server.send('POST', '/v1/finops/calls/track', { team: 'data', model: 'gpt-4o', cost_usd: '2', timestamp: '2026-10-11T00:00:00Z' })
    const shown = await run('show', 'INV-2026-0001')
    expect(shown.out).toContain('By the books of today its calls cost $12.00, which differs by $2.00')
    expect((await run('show', 'INV-2026-0001', '--html')).out).toContain('<!doctype html>')
    expect((await run('credit', 'INV-2026-0001', 'wrong')).out).toMatch(/Credit note CN-2026-0001[\s\S]*-10\.00/)
    const { out } = await run()
    expect(out).toMatch(/CN-2026-0001.*-10\.00 USD +issued/)
    expect(out).toMatch(/INV-2026-0001.*10\.00 USD +credited/)
    for (const text of [out, shown.out, preview.out])
      expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
  } finally {
    await server.close()
  }
})

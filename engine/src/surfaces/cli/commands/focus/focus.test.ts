import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { NOW, purser } from '../../../../../../conformance/cli/purser.ts'
import { type TestServer, testServer } from '../../../../../../conformance/http/test-server.ts'
import { createInvoke, type Invoke } from '../../../../operations/index.ts'
import { remoteInvoke } from '../../../../running-server.ts'

let server: TestServer
let invoke: Invoke
const folder = mkdtempSync(join(tmpdir(), 'purser-focus-'))
const file = (name: string) => join(folder, name)

beforeAll(async () => {
  server = await testServer({ now: () => NOW })
  invoke = createInvoke(server.services)
  for (const model of ['gpt-4o', 'nobody-sells-this']) {
    const call = { model, input_tokens: 1_000, output_tokens: 500, agent_name: 'A', timestamp: '2026-11-20T10:00:00Z' }
    expect((await server.send('POST', '/v1/finops/calls/track', call)).status).toBe(200)
  }
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true })
})

describe('purser focus', () => {
  it.each([
    ['opened here', () => invoke],
    ['asked of a running server', () => remoteInvoke(server.url, null)],
  ] as const)('exports to the screen and to files, with the stores %s', async (_where, ask) => {
    const screen = await purser(['focus', 'export', '--last', '7d'], ask())
    expect(screen.out.split('\n')[0]).toMatch(/^BilledCost,BillingAccountId,/)
    expect(screen.out.trim().split('\n')).toHaveLength(3)
    const saved = await purser(['focus', 'export', '--out', file('a.csv')], ask())
    expect([saved.code, readFileSync(file('a.csv'), 'utf8')]).toEqual([0, screen.out])
    expect(saved.err).toContain('bytes')
    await purser(['focus', 'export', '--spec', '1.2', '--out', file('a.parquet')], ask())
    expect(readFileSync(file('a.parquet')).toString('latin1')).toMatch(/^PAR1[\s\S]*ProviderName[\s\S]*PAR1$/)
    const json = await purser(['focus', 'export', '--format', 'json', '--granularity', 'call'], ask())
    expect(JSON.parse(json.out)).toMatchObject({ granularity: 'call', calls: 2, left_out: { unpriced_calls: 1 } })
    await purser(['focus', 'export', '--out', file('a.json')], ask())
    expect(JSON.parse(readFileSync(file('a.json'), 'utf8')).rows).toHaveLength(2)
  })

  it('does not write Parquet to a screen, nor half a file', async () => {
    const screen = await purser(['focus', 'export', '--format', 'parquet'], invoke)
    expect([screen.code, screen.out]).toEqual([1, ''])
    const nowhere = await purser(['focus', 'export', '--out', file('no/such/folder.csv')], invoke)
    expect([nowhere.code, nowhere.err]).toEqual([1, expect.stringContaining('cannot be written')])
    const wrong = await purser(['focus', 'export', '--spec', '0.5', '--out', file('b.csv')], invoke)
    expect([wrong.code, existsSync(file('b.csv')), existsSync(file('b.csv.part'))]).toEqual([1, false, false])
  })

  it('reports that every rule is kept, and what is left out', async () => {
    const { code, out } = await purser(['focus', 'report'], invoke)
    expect(code).toBe(0)
    expect(out).toMatch(/^FOCUS 1.4, by day: conformant\n/)
    expect(out).toContain('nobody-sells-this input: 1000, calls 1 (no_card)')
    expect(JSON.parse((await purser(['focus', 'report', '--json', '--spec', '1.2'], invoke)).out)).toMatchObject({
      version: '1.2',
      conformant: true,
    })
  })

  it('checks its own file and finds nothing, and says of a broken one which rows break which rule', async () => {
    await purser(['focus', 'export', '--out', file('good.csv')], invoke)
    const good = await purser(['focus', 'check', file('good.csv')])
    expect([good.code, good.out.split('\n')[0]]).toEqual([0, 'FOCUS 1.4: conformant'])
    writeFileSync(file('bad.csv'), readFileSync(file('good.csv'), 'utf8').replace('Usage-Based', 'Often').replace(',USD,', ',Dollars,'))
    const bad = await purser(['focus', 'check', file('bad.csv')])
    expect([bad.code, bad.out.split('\n')[0]]).toEqual([1, 'FOCUS 1.4: NOT conformant'])
    expect(bad.out).toContain('FAILED BillingCurrency.format')
    expect(bad.out).toContain(
      'FAILED ChargeFrequency.values: ChargeFrequency must be one of One-Time, Recurring, Usage-Based\n    rows (1): 1\n',
    )
    const old = await purser(['focus', 'check', '--spec', '1.2', '--json', file('good.csv')])
    expect([old.code, JSON.parse(old.out).failed.map(({ rule }: { rule: string }) => rule)]).toEqual([
      1,
      ['file.other-version', 'ProviderName.present', 'PublisherName.present'],
    ])
  })

  it.each([
    ['empty', '', 'has not even a heading'],
    ['an open quote', 'BilledCost\n"1.0', 'not readable as CSV'],
    ['Parquet', 'PAR1....', 'is Parquet'],
  ])('says of a file that is %s what is wrong', async (_what, text, words) => {
    writeFileSync(file('odd.csv'), text)
    const { code, err } = await purser(['focus', 'check', file('odd.csv')])
    expect([code, err]).toEqual([1, expect.stringContaining(words)])
    expect((await purser(['focus', 'check', file('absent.csv')])).err).toContain('cannot be read')
  })
})

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { NO_REPORTS } from '../../../../../conformance/cli/purser.ts'
import { type TestServer, testServer } from '../../../../../conformance/http/test-server.ts'
import { createInvoke } from '../../../operations/index.ts'
import { runCli } from '../run.ts'

const NOW = Date.parse('2026-02-28T20:00:00Z')
const folder = mkdtempSync(join(tmpdir(), 'purser-daily-'))
let server: TestServer
beforeAll(async () => {
  server = await testServer({ now: () => NOW })
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true, force: true })
})

async function purser(...argv: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const said = { out: '', err: '' }
  const output = (stream: 'out' | 'err') => ({
    columns: 80,
    write(text: string) {
      said[stream] += text
    },
  })
  const invoke = createInvoke(server.services)
  const connection = { invoke, where: 'here', close: async () => undefined }
  const code = await runCli({
    argv,
    env: {},
    home: folder,
    cwd: folder,
    stdout: output('out'),
    stderr: output('err'),
    now: () => NOW,
    version: '0.0.0-test',
    connect: async () => connection,
    reports: NO_REPORTS,
    serve: async () => 0,
  })
  return { code, ...said }
}

describe('purser daily', () => {
  it('says that there is nothing yet, and how to begin', async () => {
    const { code, err } = await purser('daily', 'show', '--last', '7d')
    expect(code).toBe(0)
    expect(err).toBe('Nobody said anything of these 7 days.\nReport one: purser daily report --file report.json\n')
  })

  it('keeps a report and shows it within 80 columns', async () => {
    await createInvoke(server.services)('daily_register', { company_name: 'Acme AI', monthly_budget: 15 })
    const report = { date: '2026-02-28', total_cost: 14.73, total_tokens: 1_842_000, total_requests: 312, efficiency_score: 78 }
    writeFileSync(join(folder, 'report.json'), JSON.stringify({ ...report, cost_by_model: { 'gpt-4o': 9.2 } }))
    const saved = await purser('daily', 'report', '--file', 'report.json')
    expect(saved.err).toBe('')
    expect(saved.out).toMatch(/^2026-02-28 is kept as rpt_[0-9a-f]{24}, version 1\.\nnote {4}cost_by_model comes to \$5\.53 less than/)
    const { out, err } = await purser('daily', '--last', '7d')
    expect(out).toMatch(/2026-02-28\s+\$14\.73\s+\$14\.73\s+1\.8M\s+312\s+78\s+report\n/)
    expect(out.replaceAll(/\s+/g, ' ')).toContain(
      'alert Monthly budget 80% consumed (high). You have used $14.73 of your $15 monthly budget.',
    )
    expect(err).toBe('Of 6 of 7 days neither a report nor calls say anything.\n')
    for (const line of [...out.split('\n'), ...saved.out.split('\n')]) expect(line.length).toBeLessThanOrEqual(80)
    expect(JSON.parse((await purser('daily', 'show', '--json')).out)).toMatchObject({ period: { days: 30 }, data: [{ total_cost: 14.73 }] })
  })

  it('says what is wrong with a file', async () => {
    writeFileSync(join(folder, 'list.json'), '[1]')
    writeFileSync(join(folder, 'bad.json'), '{"date":"2026-02-30","total_cost":1,"total_tokens":1,"total_requests":1}')
    expect(await purser('daily', 'report', '--file', 'none.json')).toMatchObject({
      code: 1,
      err: expect.stringContaining('cannot be read'),
    })
    expect(await purser('daily', 'report', '--file', 'list.json')).toMatchObject({
      code: 1,
      err: expect.stringContaining('not a JSON object'),
    })
    expect(await purser('daily', 'report', '--file', 'bad.json')).toMatchObject({ code: 1, err: expect.stringContaining('[invalid_time]') })
    expect(await purser('daily', 'show', '--last', '5d')).toMatchObject({ code: 1, err: expect.stringContaining('one of 7d, 30d, 90d') })
  })
})

import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type BlockRun, blocksOf, runDocuments } from '../../../conformance/documents/fenced.ts'
import { type FakeProvider, fakeProvider } from '../../../conformance/http/fake-provider.ts'
import { gatewayTo, type TestServer, testServer } from '../../../conformance/http/test-server.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const MARKDOWN = readFileSync(join(ROOT, 'docs/coding-agents.md'), 'utf8')
const NOW = Date.parse('2026-11-22T10:00:00Z')

/** What the agents' telemetry becomes: calls with the attribution and the tags that the document names. */
const CALLS = [
  {
    user_id: 'ann@example.com',
    session_id: 's-1',
    tags: { repository: 'shop', skill: 'release-notes', plugin: 'docs', query_source: 'repl_main_thread', effort: 'high' },
  },
  {
    user_id: 'ann@example.com',
    session_id: 's-1',
    tags: { repository: 'shop', mcp_server: 'github', mcp_tool: 'create_issue', query_source: 'repl_main_thread' },
  },
  {
    user_id: 'bob@example.com',
    session_id: 's-2',
    tags: { repository: 'site', query_source: 'compact' },
    team: 'platform',
    cost_center: 'cc-17',
  },
]

let server: TestServer
let provider: FakeProvider
let runs: BlockRun[]
const folder = mkdtempSync(join(tmpdir(), 'purser-agents-'))

beforeAll(async () => {
  provider = await fakeProvider()
  server = await testServer({
    now: () => NOW,
    data: join(folder, 'data'),
    gateway: gatewayTo({ PURSER_UPSTREAM_OPENAI: provider.url, OPENAI_API_KEY: 'sk-provider' }),
  })
  for (const [index, call] of CALLS.entries()) {
    const body = {
      ...call,
      call_id: `c-${index}`,
      agent_name: 'claude-code',
      model: 'claude-sonnet-4-5',
      input_tokens: 100_000,
      output_tokens: 10_000,
      timestamp: '2026-11-21T10:00:00Z',
    }
    expect((await server.send('POST', '/v1/finops/calls/track', body)).status).toBe(200)
  }
  // `npx purser` of the documents: the program of this checkout.
  writeFileSync(join(folder, 'npx'), `#!/bin/sh\nshift\nexec "${process.execPath}" "${join(ROOT, 'engine/bin/purser.js')}" "$@"\n`)
  chmodSync(join(folder, 'npx'), 0o755)
  const env = { PURSER_URL: server.url, PURSER_DATA: join(folder, 'data'), PATH: `${folder}:${process.env.PATH ?? ''}` }
  runs = await runDocuments([{ name: 'coding-agents.md', markdown: MARKDOWN }], { cwd: folder, env })
}, 120_000)
afterAll(async () => {
  await server.close()
  await provider.close()
  rmSync(folder, { recursive: true, force: true })
})

function outputOf(command: string): string {
  return runs.find((run) => run.command.includes(command))?.output ?? ''
}

describe('the set-up of coding agents', () => {
  it('has commands and requests of which each does what it says', () => {
    expect(runs.flatMap(({ where, faults }) => faults.map((fault) => `${where} ${fault}`))).toEqual([])
    expect(runs.length).toBeGreaterThanOrEqual(10)
  })

  it('answers who, where, with which skill and tool, and what is left', () => {
    expect(outputOf('--by user,model')).toMatch(/ann@example\.com +claude-sonnet-4-5 +2 /)
    expect(outputOf('--by tag:repository')).toMatch(/shop +3 [\s\S]*site +1 /)
    expect(outputOf('tag:skill,tag:plugin')).toMatch(/release-notes +docs +1 [\s\S]*github +create_issue +1 /)
    expect(outputOf('tag:query_source')).toMatch(/claude-code +repl_main_thread +high +1 /)
    expect(outputOf('--each month --csv')).toContain('platform,cc-17,1,')
    expect(outputOf('analytics/sessions')).not.toContain('s-2')
    expect(JSON.parse(outputOf('attribution?group_by=tag:skill'))).toMatchObject({ unattributed: { calls: 3 } })
    expect(runs.at(-1)?.output).toMatch(/user ann@example\.com, per day +\$20\.00/)
  })

  it('is metered and attributed by the gateway with nothing but headers', () => {
    expect(provider.asked.at(-1)?.headers.authorization).toBe('Bearer sk-provider')
    expect(Object.keys(provider.asked.at(-1)?.headers ?? {}).filter((name) => name.startsWith('x-purser'))).toEqual([])
    expect(outputOf('group_by=agent,user,tag:repository')).toContain('"agent":"codex","user":"ann@example.com","tag:repository":"shop"')
  })

  it('has settings that are JSON, scripts that a shell can read, and addresses that the server has', () => {
    const blocks = blocksOf(MARKDOWN)
    for (const { language, text, line } of blocks) {
      expect(['sh', 'bash', 'json', 'toml'], `line ${line}`).toContain(language)
      if (language === 'json') expect(() => JSON.parse(text), `line ${line}`).not.toThrow()
      if (language === 'bash') expect(spawnSync('bash', ['-n'], { input: text }).status, `line ${line}`).toBe(0)
      for (const [, path = ''] of text.matchAll(/http:\/\/127\.0\.0\.1:4318(\/[\w/.-]*)?/g)) {
        expect(['', '/openai/v1', '/anthropic', '/anthropic/v1', '/gemini', '/v1/logs'], `line ${line}`).toContain(path)
      }
    }
    expect(blocks.filter(({ language }) => language === 'bash').length).toBeGreaterThan(5)
  })

  it('is looked at: a command and an answer that are wrong are found', async () => {
    const wrong =
      '```sh\nnpx purser report --by nonsense\n```\n```sh\ncurl -sS "$PURSER_URL/v1/finops/analytics/attribution?group_by=nonsense"\n```\n```sh\ncurl -sS "$PURSER_URL/v1/finops/ping"\n```\n```json\n{ "status": "nonsense" }\n```'
    const env = { PURSER_URL: server.url, PURSER_DATA: join(folder, 'data'), PATH: `${folder}:${process.env.PATH ?? ''}` }
    const found = await runDocuments([{ name: 'wrong', markdown: wrong }], { cwd: folder, env })
    expect(found.map(({ faults }) => faults.length > 0)).toEqual([true, true, true])
  })
})

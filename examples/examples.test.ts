import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { answerJson, type StubPurser, startStubPurser } from '../conformance/sdk/stub-purser.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

let purser: StubPurser | undefined

afterEach(async () => {
  await purser?.close()
  purser = undefined
})

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs an example as the program it is, with the sources of this checkout in place of built packages. */
function run(example: string, url: string): Promise<Ended> {
  const args = ['--conditions=@purser/source', '--import', 'tsx', `examples/${example}`]
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { PATH: process.env.PATH ?? '', PURSER_URL: url },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const texts = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (chunk: Buffer) => {
      texts[name] += chunk.toString()
    })
  }
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, ...texts })))
}

describe('against the documented paths', () => {
  it('track-a-workflow reports a chain of three calls between their start and end', async () => {
    purser = await startStubPurser()
    for (const _ of ['session', 'workflow']) purser.script.push((__, response) => answerJson(response, 201, { replayed: false }))
    const { code, stdout, stderr } = await run('track-a-workflow.ts', purser.url)
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toContain('delivered 7 reports')
    const calls = purser.calls()
    expect(calls.map(({ agent_name }) => agent_name)).toEqual(['Orchestrator', 'Analyzer', 'Summarizer'])
    expect(calls.map(({ parent_call_id }) => parent_call_id)).toEqual([undefined, calls[0]?.call_id, calls[1]?.call_id])
    const paths = purser.received.map(({ path }) => path.replace(/[0-9a-f-]{36}/g, '{id}').replace(/\?.*/, ''))
    expect(paths).toEqual([
      '/v1/finops/sessions/start',
      '/v1/finops/workflows/start',
      '/v1/finops/calls/batch',
      '/v1/finops/workflows/end',
      '/v1/finops/sessions/{id}/end',
      '/v1/finops/analytics/chains/{id}',
    ])
  })

  it('track-a-workflow says what to do when no server answers', async () => {
    const away = await startStubPurser()
    await away.close()
    const { code, stderr } = await run('track-a-workflow.ts', away.url)
    expect(code).toBe(1)
    expect(stderr).toContain('npm start')
  })

  it('wrap-openai reports its two calls with the usage of the answers', async () => {
    purser = await startStubPurser()
    const { code, stdout, stderr } = await run('wrap-openai.ts', purser.url)
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toContain('delivered 4 reports')
    const [first, second] = purser.calls()
    expect(first).toMatchObject({ agent_name: 'DataAnalyzer', provider: 'openai', response: { usage: { prompt_tokens: 1200 } } })
    expect(second).toMatchObject({
      parent_call_id: first?.call_id,
      workflow_id: first?.workflow_id,
      prompt_fingerprint: first?.prompt_fingerprint,
    })
    expect(JSON.stringify(purser.received)).not.toMatch(/Revenue|How did we/)
  })
})

const main = join(root, 'engine/dist/main.js')
const skip = existsSync(main) ? null : 'needs the built engine (npm run build)'

describe.skipIf(skip !== null)(`against a server ${skip ?? ''}`, () => {
  let data: string
  let server: Server | undefined

  beforeAll(async () => {
    data = mkdtempSync(join(tmpdir(), 'purser-examples-'))
    server = await startServer(data)
  })

  afterAll(async () => {
    await server?.stop()
    rmSync(data, { recursive: true, force: true })
  })

  it('track-a-workflow is priced exactly and drawn as a chain', async () => {
    const { code, stdout, stderr } = await run('track-a-workflow.ts', server?.url ?? '')
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toContain('delivered 7 reports')
    // 0.006 + 0.00672 + 0.000165: gpt-4o at 2.50, 1.25 cached and 10.00, gpt-4o-mini at 0.15 and 0.60 dollars a million.
    expect(JSON.parse(stdout.slice(stdout.indexOf('{'), stdout.lastIndexOf('}') + 1))).toMatchObject({
      workflow_name: 'Generate Report',
      status: 'succeeded',
      total_calls: 3,
      total_cost_exact: '0.012885',
      max_chain_depth: 3,
      critical_path: [{ agent: 'Orchestrator' }, { agent: 'Analyzer' }, { agent: 'Summarizer' }],
    })
  })

  it('wrap-openai is metered from what the client saw', async () => {
    const { code, stdout, stderr } = await run('wrap-openai.ts', server?.url ?? '')
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toContain('delivered 4 reports')
    const answer = await fetch(`${server?.url}/v1/finops/analytics/agents?organization_id=org_example`)
    // Two of 176 input, 1024 cached and 80 output tokens.
    expect(await answer.json()).toMatchObject({
      agents: { DataAnalyzer: { calls: 2, tokens: 2560, cost_exact: '0.00504', unpriced_calls: 0 } },
    })
  })
})

interface Server {
  readonly url: string
  stop(): Promise<void>
}

/** The engine as it is installed, on a free port with a folder of its own. */
async function startServer(data: string): Promise<Server> {
  const env = { PATH: process.env.PATH ?? '', PURSER_PORT: '0', PURSER_DATA: data }
  const child: ChildProcess = spawn(process.execPath, [main, 'serve'], { cwd: root, env, stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()))
  let said = ''
  const url = await new Promise<string>((resolve, reject) => {
    child.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      const found = /takes calls at (http:\S+)\n/.exec(said)?.[1]
      if (found !== undefined) resolve(found)
    })
    void ended.then(() => reject(new Error(`the server did not start: ${said}`)))
  })
  return {
    url,
    async stop() {
      child.kill('SIGTERM')
      await ended
    },
  }
}

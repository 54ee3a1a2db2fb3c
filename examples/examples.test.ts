import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
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
    const { code, stderr } = await run('track-a-workflow.ts', 'http://127.0.0.1:9')
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

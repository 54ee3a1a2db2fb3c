import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, it } from 'vitest'
import { type StubPurser, startStubPurser } from '../../conformance/sdk/stub-purser.ts'

const index = new URL('./index.ts', import.meta.url).href

let purser: StubPurser | undefined

afterEach(async () => {
  await purser?.close()
  purser = undefined
})

interface Ended {
  readonly code: number | null
  readonly stderr: string
}

/** Runs a program of its own that has the client as `sdk`. */
function run(program: string, env: Record<string, string>, onOutput?: (stop: (signal: NodeJS.Signals) => void) => void): Promise<Ended> {
  const script = `const sdk = await import(${JSON.stringify(index)})\n${program}`
  const args = ['--import', 'tsx', '--input-type=module', '--eval', script]
  const cwd = fileURLToPath(new URL('../..', import.meta.url))
  const child = spawn(process.execPath, args, { cwd, env: { PATH: process.env.PATH ?? '', ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let stderr = ''
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
  })
  child.stdout.on('data', () => onOutput?.((signal) => child.kill(signal)))
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stderr })))
}

const program = `
const workflowId = sdk.tracker.startWorkflow({ workflowName: 'Generate Report' })
for (let index = 0; index < 250; index += 1) sdk.tracker.trackAgentCall({ callId: 'c' + index, model: 'gpt-4o', inputTokens: index, workflowId })
sdk.tracker.endWorkflow({ workflowId })
`

it('a program that just ends has delivered everything, in order', async () => {
  purser = await startStubPurser()
  purser.script.push((_, response) => response.socket?.destroy())
  const { code, stderr } = await run(program, { PURSER_URL: purser.url, PURSER_API_KEY: 'finops_test' })
  expect([code, stderr]).toEqual([0, ''])
  expect(purser.calls().map(({ call_id }) => call_id)).toEqual(Array.from({ length: 250 }, (_, index) => `c${index}`))
  const paths = purser.received.slice(1).map(({ path }) => path.replace('/v1/finops/', ''))
  expect(paths).toEqual(['workflows/start', 'calls/batch', 'calls/batch', 'calls/batch', 'workflows/end'])
  expect(purser.received[0]?.headers.authorization).toBe('Bearer finops_test')
})

it('a program whose server is away still ends, and says what was lost', async () => {
  const away = await startStubPurser()
  await away.close()
  const { code, stderr } = await run(
    `const tracker = sdk.createTracker({ exitTimeoutMs: 50 })
for (let index = 0; index < 3; index += 1) tracker.trackAgentCall({ model: 'gpt-4o' })`,
    { PURSER_URL: away.url },
  )
  expect(code).toBe(0)
  expect(stderr).toContain('3 reports were lost (timeout)')
})

it('a program that is told to stop delivers by closing', async () => {
  purser = await startStubPurser()
  const { code, stderr } = await run(
    `process.on('SIGTERM', () => void sdk.tracker.close().then(() => process.exit(7)))
setInterval(() => undefined, 1000)
sdk.tracker.trackAgentCall({ callId: 'last', model: 'gpt-4o' })
process.stdout.write('ready')`,
    { PURSER_URL: purser.url },
    (stop) => stop('SIGTERM'),
  )
  expect([code, stderr]).toEqual([7, ''])
  expect(purser.calls().map(({ call_id }) => call_id)).toEqual(['last'])
})

it('a tracker that has nothing to send holds no process open and contacts nobody', async () => {
  purser = await startStubPurser()
  const { code, stderr } = await run('sdk.createTracker({ flushIntervalMs: 3_600_000 })', { PURSER_URL: purser.url })
  expect([code, stderr]).toEqual([0, ''])
  expect(purser.received).toEqual([])
})

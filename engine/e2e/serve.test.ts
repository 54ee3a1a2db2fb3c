import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { send } from '../../conformance/http/test-server.ts'

const PROGRAM = fileURLToPath(new URL('../bin/purser.js', import.meta.url))

interface Started {
  readonly child: ChildProcess
  readonly said: () => string
  readonly ended: Promise<[code: number | null]>
  /** Its address, once it has said that it takes calls. */
  readonly up: Promise<string>
}

let folder = ''
let children: ChildProcess[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'purser-serve-'))
})
afterEach(() => {
  for (const child of children) child.kill('SIGKILL')
  children = []
  rmSync(folder, { recursive: true, force: true })
})

function serve(env: Record<string, string> = {}): Started {
  const child = spawn(process.execPath, [PROGRAM, 'serve'], {
    env: { PATH: process.env.PATH ?? '', PURSER_PORT: '0', PURSER_DATA: join(folder, 'data'), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.push(child)
  let text = ''
  const ended = once(child, 'exit') as Promise<[number | null]>
  const up = new Promise<string>((resolve, reject) => {
    const take = (chunk: Buffer): void => {
      text += chunk.toString('utf8')
      const url = /takes calls at (http:\S+)/.exec(text)?.[1]
      if (url !== undefined && /access .*\n/.test(text)) resolve(url)
    }
    child.stdout?.on('data', take)
    child.stderr?.on('data', take)
    ended.then(
      () => reject(new Error(text)),
      (error: unknown) => reject(error),
    )
  })
  up.catch(() => undefined)
  return { child, said: () => text, ended, up }
}

describe('purser serve', () => {
  it('says where it is, takes calls, and ends with code 0 when told to', async () => {
    const server = serve()
    const url = await server.up
    for (const line of server.said().split('\n')) expect(line.length).toBeLessThanOrEqual(80 + folder.length)
    expect((await send(url, 'GET', '/actuator/health')).body).toMatchObject({ status: 'UP' })
    const file = join(folder, 'data', 'server.json')
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ url, pid: server.child.pid })
    const tracked = await send(url, 'POST', '/v1/finops/calls/track', { model: 'gpt-4o', input_tokens: 1000, output_tokens: 500 })
    expect(tracked.status).toBe(200)
    expect((await send(url, 'GET', '/v1/finops/analytics/models')).body).toMatchObject({ total_cost_exact: '0.0075' })
    server.child.kill('SIGTERM')
    expect((await server.ended)[0]).toBe(0)
    expect(existsSync(file)).toBe(false)
  })

  it('finds after a restart what it acknowledged, also after kill -9', async () => {
    const first = serve()
    await send(await first.up, 'POST', '/v1/finops/calls/track', {
      call_id: 'kept',
      model: 'gpt-4o',
      input_tokens: 1000,
      output_tokens: 500,
    })
    first.child.kill('SIGKILL')
    await first.ended
    const second = serve()
    const url = await second.up
    expect((await send(url, 'GET', '/v1/finops/calls/kept')).body).toMatchObject({ cost: '0.0075' })
    expect((await send(url, 'GET', '/v1/finops/analytics/models')).body).toMatchObject({ total_cost_exact: '0.0075' })
    expect((await send(url, 'POST', '/v1/finops/verify')).body).toMatchObject({ ok: true })
  })

  it('refuses a folder that another server works in, and names the way out', async () => {
    const first = serve()
    await first.up
    const second = serve()
    expect((await second.ended)[0]).toBe(1)
    expect(second.said()).toMatch(new RegExp(`in use by process ${first.child.pid}.*PURSER_DATA`, 's'))
    expect((await send(await first.up, 'GET', '/actuator/health')).status).toBe(200)
  })

  it('says which variable is wrong', async () => {
    const server = serve({ PURSER_PORT: 'http', PURSER_HOST: '0.0.0.0', PURSER_AUTH: 'local' })
    expect((await server.ended)[0]).toBe(1)
    expect(server.said()).toMatch(/PURSER_PORT[\s\S]*PURSER_AUTH/)
    expect(server.said()).not.toMatch(/ {4}at /)
  })

  it('says that the port is taken', async () => {
    const first = serve()
    const { port } = new URL(await first.up)
    const second = serve({ PURSER_PORT: port, PURSER_DATA: join(folder, 'other') })
    expect((await second.ended)[0]).toBe(1)
    expect(second.said()).toMatch(/port \d+ on 127\.0\.0\.1 is taken.*PURSER_PORT/)
  })

  it('shows the bootstrap key at the first start that needs one, and never again', async () => {
    const first = serve({ PURSER_AUTH: 'required' })
    await first.up
    const [secret] = /finops_[\w-]{43}/.exec(first.said()) ?? []
    expect(secret).toBeDefined()
    first.child.kill('SIGTERM')
    await first.ended
    const second = serve({ PURSER_AUTH: 'required' })
    const url = await second.up
    expect(second.said()).not.toContain('finops_')
    expect((await send(url, 'GET', '/v1/finops/keys')).status).toBe(401)
    expect((await send(url, 'GET', '/v1/finops/keys', undefined, { authorization: `Bearer ${secret}` })).status).toBe(200)
  })
})

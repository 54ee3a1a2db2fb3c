import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openProjection } from '../../engine/src/adapters/duckdb/index.ts'
import type { Config } from '../../engine/src/config.ts'
import type { Services } from '../../engine/src/operations/index.ts'
import { startServer } from '../../engine/src/serve.ts'
import { openJournal } from '../../engine/src/stores.ts'
import { readUpstreams } from '../../engine/src/surfaces/gateway/upstreams.ts'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
  /** Parsed; undefined where it is not JSON. */
  readonly body: Body
}

/** An answer's JSON, read loosely as a client does. */
export type Body = Readonly<Record<string, unknown>>

export interface TestServer {
  readonly url: string
  readonly services: Services
  readonly said: readonly string[]
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
  close(): Promise<void>
}

/** A whole server on a free loopback port over a folder of its own, with the columnar store in memory. */
export async function testServer(
  options: Partial<Config> & { readonly now?: () => number; readonly say?: (line: string) => void } = {},
): Promise<TestServer> {
  const { now, say, ...config } = options
  const folder = config.data ?? mkdtempSync(join(tmpdir(), 'purser-http-'))
  const said: string[] = []
  const server = await startServer(
    {
      host: '127.0.0.1',
      port: 0,
      data: folder,
      databaseUrl: null,
      adminKey: null,
      auth: 'local',
      smtp: null,
      metricsKey: null,
      probes: [],
      gateway: gatewayTo({}),
      ...config,
    },
    {
      version: '0.0.0-test',
      say: (line) => said.push(line),
      openCalls: async (stores) => (await openProjection({ path: ':memory:', threads: 1 }, await openJournal(stores.journal))).store,
      ...(now === undefined ? {} : { now }),
    },
  )
  return {
    url: server.url,
    services: server.services,
    said,
    send: (method, path, body, headers) => send(server.url, method, path, body, headers),
    async close() {
      await server.stop()
      if (config.data === undefined) rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Upstreams as an environment declares them, and what differs from how a server holds and waits. */
export function gatewayTo(env: Readonly<Record<string, string>>, differing: Partial<Config['gateway']> = {}): Config['gateway'] {
  const wrong: string[] = []
  const upstreams = readUpstreams(env, wrong)
  if (wrong.length > 0) throw new Error(wrong.join('\n'))
  return {
    upstreams,
    hold: { input: 'bound', firstOutputTokens: null },
    headMs: 10_000,
    pauseMs: 10_000,
    cacheBytesMax: 1_000_000,
    ...differing,
  }
}

/** Sends text and bytes as they are, and anything else as JSON. */
export function send(url: string, method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const raw = typeof body === 'string' || body instanceof Uint8Array
  const payload = body === undefined ? undefined : raw ? body : JSON.stringify(body)
  const type = body === undefined || raw ? {} : { 'content-type': 'application/json' }
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url)
    const asked = request({ hostname, port, method, path, headers: { ...type, ...headers }, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8')
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, body: parsed(text) as Body })
      })
    })
    asked.on('error', reject)
    asked.end(payload)
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

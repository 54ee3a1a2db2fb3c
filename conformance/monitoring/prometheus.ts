import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Why tests with Prometheus skip; null where its programs are. In CI absent ones are a failure, so nothing skips silently. */
export function prometheusSkipReason(): string | null {
  const absent = ['prometheus', 'promtool'].filter((program) => spawnSync(program, ['--version']).error !== undefined)
  if (absent.length === 0) return null
  const reason = `needs ${absent.join(' and ')}, of the package prometheus of Debian and others`
  if (process.env.CI === 'true') throw new Error(reason)
  return reason
}

/** Runs promtool with a text to read; what it says where it finds fault. */
export function promtool(args: readonly string[], input = ''): { readonly ok: boolean; readonly said: string } {
  const { status, stdout, stderr } = spawnSync('promtool', args, { input, encoding: 'utf8' })
  return { ok: status === 0, said: `${stdout}${stderr}` }
}

export interface Prometheus {
  /** The value of `data` in the answer of its API. Rejects where it refuses. */
  ask(path: string, parameters?: Readonly<Record<string, string>>): Promise<unknown>
  /** What an expression has now: labels and value of each series. */
  query(expression: string): Promise<{ readonly metric: Readonly<Record<string, string>>; readonly value: number }[]>
  stop(): Promise<void>
}

const STARTS_WITHIN_MS = 20_000

/** A Prometheus of our own on a free loopback port, with its data in a folder that is removed with it. `config` as it is written for it, in JSON, which is YAML too. */
export async function startPrometheus(config: unknown): Promise<Prometheus> {
  const folder = mkdtempSync(join(tmpdir(), 'purser-prometheus-'))
  const port = await freePort()
  const file = join(folder, 'prometheus.yml')
  writeFileSync(file, JSON.stringify(config))
  const child = spawn(
    'prometheus',
    [`--config.file=${file}`, `--storage.tsdb.path=${join(folder, 'data')}`, `--web.listen-address=127.0.0.1:${port}`, '--log.level=warn'],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  let said = ''
  child.stderr.on('data', (piece: Buffer) => {
    said = `${said}${piece.toString('utf8')}`.slice(-4_000)
  })
  const stop = async (): Promise<void> => {
    await end(child)
    rmSync(folder, { recursive: true, force: true })
  }
  const ask = async (path: string, parameters: Readonly<Record<string, string>> = {}): Promise<unknown> => {
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/${path}?${new URLSearchParams(parameters)}`)
    const body = (await answer.json()) as { readonly status: string; readonly data?: unknown; readonly error?: string }
    if (body.status !== 'success') throw new Error(`${path}: ${body.error}`)
    return body.data
  }
  try {
    await ready(`http://127.0.0.1:${port}/-/ready`, child)
  } catch (error) {
    await stop()
    throw new Error(`Prometheus did not start: ${said || String(error)}`)
  }
  return {
    ask,
    async query(expression) {
      const { result } = (await ask('query', { query: expression })) as {
        result: { metric: Record<string, string>; value: [number, string] }[]
      }
      return result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }))
    },
    stop,
  }
}

async function ready(url: string, child: ChildProcess): Promise<void> {
  for (const until = Date.now() + STARTS_WITHIN_MS; Date.now() < until && child.exitCode === null; ) {
    const answer = await fetch(url).catch(() => null)
    if (answer?.ok === true) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('it is not ready')
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}

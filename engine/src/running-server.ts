import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ERRORS, type ErrorCode, fail, ok, type Refusal, refusal } from './kernel/index.ts'
import type { Invoke } from './operations/index.ts'

/** Where the server of a data folder answers. The file is there while it runs; after a crash it is stale and its address is silent. */
interface ServerFile {
  readonly url: string
  readonly pid: number
}

const FILE = 'server.json'
const ANSWERS_WITHIN_MS = 1_000

export function announceServer(folder: string, server: ServerFile): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, FILE), `${JSON.stringify(server)}\n`)
}

export function withdrawServer(folder: string): void {
  rmSync(join(folder, FILE), { force: true })
}

/** The address of the server that works in a folder, or null when none answers there. */
export async function runningServer(folder: string): Promise<string | null> {
  const file = readServerFile(folder)
  if (file === null || !isAlive(file.pid)) return null
  try {
    const answer = await fetch(`${file.url}/actuator/health/liveness`, { signal: AbortSignal.timeout(ANSWERS_WITHIN_MS) })
    return answer.ok ? file.url : null
  } catch {
    return null
  }
}

/** Operations of a running server, by its door for programs of ours. */
export function remoteInvoke(url: string, key: string | null): Invoke {
  return async (operation, input) => {
    const answer = await fetch(`${url}/v1/operations/${encodeURIComponent(operation)}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(key === null ? {} : { authorization: `Bearer ${key}` }) },
      body: JSON.stringify(input ?? {}),
    }).catch(() => null)
    if (answer === null) return fail(refusal('unavailable', `the server at ${url} does not answer`))
    const type = answer.headers.get('content-type') ?? ''
    if (answer.ok && !type.includes('json') && answer.body !== null) {
      // Loaded with the first file that is asked for: most commands ask for none.
      const { Streamed } = await import('./operations/streamed.ts')
      return ok(await Streamed.begin(type, operation, answer.body))
    }
    const body: unknown = await answer.json().catch(() => null)
    return answer.ok ? ok(body) : fail(refusalOf(body, answer.status))
  }
}

function refusalOf(body: unknown, status: number): Refusal {
  const problem = body as { code?: unknown; detail?: unknown; path?: unknown } | null
  const code = typeof problem?.code === 'string' && Object.hasOwn(ERRORS, problem.code) ? (problem.code as ErrorCode) : 'internal'
  const detail = typeof problem?.detail === 'string' ? problem.detail : `the server answered ${status}`
  return refusal(code, detail, typeof problem?.path === 'string' ? { path: problem.path } : {})
}

function readServerFile(folder: string): ServerFile | null {
  try {
    const file = JSON.parse(readFileSync(join(folder, FILE), 'utf8')) as Partial<ServerFile>
    return typeof file.url === 'string' && typeof file.pid === 'number' ? { url: file.url, pid: file.pid } : null
  } catch {
    return null
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

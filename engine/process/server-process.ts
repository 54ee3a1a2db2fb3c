import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const STARTS_WITHIN_MS = 60_000
const POLL_MS = 20
const SAID_CHARS_MAX = 8_000

export interface ServerProcess {
  readonly url: string
  readonly pid: number
  /** Milliseconds from spawning the process to its first healthy answer. */
  readonly startedMs: number
  stop(): Promise<void>
  /** Ends it at once, as a crash does. */
  kill(): Promise<void>
  untilInterrupted(): Promise<void>
}

/** Starts a server as a process of its own on a loopback port that it finds free itself, and waits until it takes calls. */
export async function startServer(folder: string, env: Readonly<Record<string, string>> = {}): Promise<ServerProcess> {
  const began = performance.now()
  const child = spawn(process.execPath, [fileURLToPath(new URL('../bin/purser.js', import.meta.url)), 'serve'], {
    env: { ...process.env, PURSER_HOST: '127.0.0.1', PURSER_PORT: '0', PURSER_DATA: folder, PURSER_AUTH: 'local', ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-SAID_CHARS_MAX)
  })
  const ended = once(child, 'exit')
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
    await ended
  }
  let url: string
  try {
    url = await waitUntilUp(
      () => announcedUrl(folder, child.pid),
      () => (child.exitCode === null ? null : said),
    )
  } catch (error) {
    await stop()
    throw error
  }
  const { pid } = child
  if (pid === undefined) throw new Error('the server has no process id')
  return {
    url,
    pid,
    startedMs: performance.now() - began,
    stop,
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
    async untilInterrupted() {
      await Promise.race([once(process, 'SIGINT'), ended])
    },
  }
}

async function waitUntilUp(announced: () => string | null, lastWords: () => string | null): Promise<string> {
  const deadline = Date.now() + STARTS_WITHIN_MS
  while (Date.now() < deadline) {
    const words = lastWords()
    if (words !== null) throw new Error(`the server ended before it was up: ${words.trim()}`)
    const url = announced()
    const answer = url === null ? null : await fetch(`${url}/actuator/health`).catch(() => null)
    if (url !== null && answer?.status === 200) return url
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
  throw new Error(`the server was not up within ${STARTS_WITHIN_MS / 1000} seconds`)
}

/** The address that this process says it answers at; what an earlier one left in the folder is not its word. */
function announcedUrl(folder: string, pid: number | undefined): string | null {
  try {
    const said = JSON.parse(readFileSync(join(folder, 'server.json'), 'utf8')) as { url: string; pid: number }
    return said.pid === pid ? said.url : null
  } catch {
    return null
  }
}

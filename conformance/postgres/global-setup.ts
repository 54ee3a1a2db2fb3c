import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where a test asks for the PostgreSQL server of this run. */
    readonly postgresDoor: string
  }
}

/**
 * One PostgreSQL server for a whole run of tests, started when the first test asks for it: a run that needs none waits for none. It is
 * `PURSER_TEST_DATABASE_URL` where that is given.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  let starting: Promise<string> | null = null
  let child: ChildProcess | null = null
  const start = async (): Promise<string> => {
    const url = process.env.PURSER_TEST_DATABASE_URL
    if (url !== undefined && url !== '') return JSON.stringify({ url })
    const main = fileURLToPath(new URL('server-process.ts', import.meta.url))
    child = spawn(process.execPath, ['--import', 'tsx', main], { stdio: ['pipe', 'pipe', 'inherit'] })
    return await firstLine(child)
  }
  const door = createServer((_, response) => {
    starting ??= start()
    starting.then(
      (text) => response.end(text),
      (error: unknown) => response.end(JSON.stringify({ absent: String(error) })),
    )
  })
  door.listen(0, '127.0.0.1')
  await once(door, 'listening')
  const address = door.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  project.provide('postgresDoor', `http://127.0.0.1:${port}`)
  return async () => {
    door.close()
    door.closeAllConnections()
    if (child === null || child.exitCode !== null) return
    const ended = once(child, 'exit')
    child.stdin?.end()
    await ended
  }
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('the server has no output')
  for await (const line of createInterface(child.stdout)) return line
  throw new Error('the server ended before it was up')
}

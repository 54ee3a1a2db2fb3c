import type { CliWorld, Connection } from './world.ts'

/** Runs `work` on a connection that is closed afterwards, whatever happens. */
export async function connected<T>(world: CliWorld, need: 'rates' | 'stores', work: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await world.connect(need)
  try {
    return await work(connection)
  } finally {
    await connection.close()
  }
}

import type { CallStore } from '../../../calls/index.ts'
import { fromTexts } from '../as-text/from-texts.ts'
import type { ProjectionOptions } from '../projection.ts'
import { type Connection, connect } from './connection.ts'
import { type StartedThread, startThread } from './start-thread.ts'
import type { Method, ThreadData } from './thread-messages.ts'

export interface DuckdbCallStoreOptions extends ProjectionOptions {
  /** Where the journal is, which the thread reads with a connection of its own. */
  readonly journal: string
  /** The thread's composition root; a test may start another one. */
  readonly thread?: URL
  /** A thread that was started before; another one is started where it is left out, and whenever one has failed. */
  readonly started?: StartedThread | null
  /** Told when the file was dropped (damaged, another version) and is being rebuilt. */
  readonly onRebuilt?: (reason: string) => void
}

/**
 * The query port over DuckDB in a thread of its own, the only one that opens the file: copying rows in blocks whoever does it.
 * Resolves once the thread answers; the journal is caught up with in the background, and each read waits for what it needs.
 * A thread that failed is started anew by the next question: only what was asked of the failed one is refused.
 */
export async function openDuckdbCallStore(options: DuckdbCallStoreOptions): Promise<CallStore> {
  const { journal, thread, started = null, onRebuilt, ...projection } = options
  const data: ThreadData = { projection, journal }
  let noticed: number | null = null
  const start = async (from: StartedThread = startThread(thread)): Promise<Connection> => {
    const { connection, rebuilt } = await connect(from, data)
    if (rebuilt !== null) onRebuilt?.(rebuilt)
    if (noticed !== null) connection.notify(noticed)
    return connection
  }
  let connection = await start(started ?? undefined)
  let restarting: Promise<Connection> | null = null
  let closed = false

  /** Many may ask while the thread is down: they wait for one start, after the old thread has let go of the file. */
  const answering = async (): Promise<Connection> => {
    if (closed || connection.stopped() === null) return connection
    restarting ??= connection.ended
      .then(() => start())
      .finally(() => {
        restarting = null
      })
    connection = await restarting
    return connection
  }
  return client({
    ask: async <T>(method: Method, args: readonly unknown[], onProgress?: (seq: number) => void) =>
      (await (await answering()).ask(method, args, onProgress)) as T,
    notify: (head) => {
      noticed = head
      connection.notify(head)
    },
    close: async () => {
      closed = true
      await restarting?.catch(() => null)
      if (connection.stopped() === null) await connection.ask('close', [])
      await connection.ended
    },
  })
}

interface Thread extends Pick<CallStore, 'notify' | 'close'> {
  ask<T>(method: Method, args: readonly unknown[], onProgress?: (seq: number) => void): Promise<T>
}

function client({ ask, notify, close }: Thread): CallStore {
  return {
    ...fromTexts({
      aggregateText: (query) => ask('aggregateText', [query]),
      lastPostedText: (query) => ask('lastPostedText', [query]),
      failedRunsText: (query) => ask('failedRunsText', [query]),
      sessionsText: (query) => ask('sessionsText', [query]),
      activityText: (query) => ask('activityText', [query]),
    }),
    rows: (query) => ask('rows', [query]),
    runs: (query) => ask('runs', [query]),
    runTotals: (query) => ask('runTotals', [query]),
    tree: (query) => ask('tree', [query]),
    repeats: (query) => ask('repeats', [query]),
    facts: (query) => ask('facts', [query]),
    sql: (query) => ask('sql', [query]),
    sums: () => ask('sums', []),
    sumsBySeq: (bucketSize) => ask('sumsBySeq', [bucketSize]),
    amounts: (fromSeq, toSeq) => ask('amounts', [fromSeq, toSeq]),
    replaceRecommendations: (scope, rows) => ask('replaceRecommendations', [scope, rows]),
    notify,
    watermark: () => ask('watermark', []),
    rebuild: (head, onProgress) => ask('rebuild', [head], onProgress),
    close,
  }
}

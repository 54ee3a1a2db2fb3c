import { Worker } from 'node:worker_threads'
import { type CallStore, QueryFault } from '../../../calls/index.ts'
import type { ProjectionOptions } from '../projection.ts'
import type { Method, Reply, Request, ThreadData } from './thread-messages.ts'

export interface DuckdbCallStoreOptions extends ProjectionOptions {
  /** The ledger's database, which the thread reads the journal from with a connection of its own. */
  readonly journalPath: string
  /** The thread's composition root; a test may start another one. */
  readonly thread?: URL
  /** Told when the file was dropped (damaged, another version) and is being rebuilt. */
  readonly onRebuilt?: (reason: string) => void
}

/**
 * The query port over DuckDB in a thread of its own, the only one that opens the file: copying rows in blocks whoever does it.
 * Resolves once the thread answers; the journal is caught up with in the background, and each read waits for what it needs.
 */
export async function openDuckdbCallStore(options: DuckdbCallStoreOptions): Promise<CallStore> {
  const { journalPath, thread = defaultThread(), onRebuilt, ...projection } = options
  const data: ThreadData = { projection, journalPath }
  const worker = startThread(thread, data)
  const pending = new Map<number, Pending>()
  let stopped: string | null = null
  const ready = readiness(worker, pending, onRebuilt, (why) => {
    stopped = why
  })
  await ready

  let lastId = 0
  const post = (request: Request): void => worker.postMessage(request)
  const ask = <T>(method: Method, args: readonly unknown[], onProgress?: (seq: number) => void): Promise<T> =>
    new Promise((resolve, reject) => {
      if (stopped !== null) {
        reject(new QueryFault('query_failed', stopped))
        return
      }
      lastId += 1
      pending.set(lastId, { resolve: (value) => resolve(value as T), reject, ...(onProgress === undefined ? {} : { onProgress }) })
      post({ kind: 'call', id: lastId, method, args })
    })
  return client(worker, ask, post)
}

type Ask = <T>(method: Method, args: readonly unknown[], onProgress?: (seq: number) => void) => Promise<T>

function client(worker: Worker, ask: Ask, post: (request: Request) => void): CallStore {
  return {
    aggregate: (query) => ask('aggregate', [query]),
    rows: (query) => ask('rows', [query]),
    lastPosted: (query) => ask('lastPosted', [query]),
    runs: (query) => ask('runs', [query]),
    runTotals: (query) => ask('runTotals', [query]),
    sessions: (query) => ask('sessions', [query]),
    tree: (query) => ask('tree', [query]),
    repeats: (query) => ask('repeats', [query]),
    sql: (query) => ask('sql', [query]),
    sums: () => ask('sums', []),
    sumsBySeq: (bucketSize) => ask('sumsBySeq', [bucketSize]),
    amounts: (fromSeq, toSeq) => ask('amounts', [fromSeq, toSeq]),
    replaceRecommendations: (scope, rows) => ask('replaceRecommendations', [scope, rows]),
    notify: (head) => post({ kind: 'notify', head }),
    watermark: () => ask('watermark', []),
    rebuild: (head, onProgress) => ask('rebuild', [head], onProgress),
    async close() {
      const ended = new Promise((resolve) => worker.once('exit', resolve))
      await ask('close', [])
      await ended
    },
  }
}

interface Pending {
  readonly resolve: (value: unknown) => void
  readonly reject: (fault: Error) => void
  readonly onProgress?: (seq: number) => void
}

/** Settles what was asked as replies come, and everything at once should the thread end. */
function readiness(
  worker: Worker,
  pending: Map<number, Pending>,
  onRebuilt: ((reason: string) => void) | undefined,
  onStopped: (why: string) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (why: string): void => {
      onStopped(why)
      reject(new QueryFault('query_failed', why))
      for (const { reject: refuse } of pending.values()) refuse(new QueryFault('query_failed', why))
      pending.clear()
    }
    worker.on('error', (error) => stop(`the projection thread failed: ${error.message}`))
    worker.on('exit', () => stop('the projection thread has ended'))
    worker.on('message', (reply: Reply) => {
      if (reply.kind === 'ready') {
        if (reply.rebuilt !== null) onRebuilt?.(reply.rebuilt)
        resolve()
        return
      }
      const asked = pending.get(reply.id)
      if (asked === undefined) return
      if (reply.kind === 'progress') {
        asked.onProgress?.(reply.seq)
        return
      }
      pending.delete(reply.id)
      if (reply.kind === 'value') asked.resolve(reply.value)
      else asked.reject(new QueryFault(reply.code ?? 'query_failed', reply.message))
    })
  })
}

/** `projection-thread` beside the adapters: a `.ts` file when this one runs from source. */
function defaultThread(): URL {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  return new URL(`../../../projection-thread.${extension}`, import.meta.url)
}

/**
 * From source the thread needs a loader that reads TypeScript. Node 20 gives `--import` hooks of the command line to the main thread
 * only, so a first module in the thread registers them.
 */
function startThread(thread: URL, data: ThreadData): Worker {
  if (!thread.pathname.endsWith('.ts')) return new Worker(thread, { workerData: data })
  const loader = import.meta.resolve('tsx/esm/api')
  const first = `import { register } from ${JSON.stringify(loader)}; register(); await import(${JSON.stringify(thread.href)})`
  const url = new URL(`data:text/javascript,${encodeURIComponent(first)}`)
  return new Worker(url, { workerData: data, execArgv: ['--conditions=@purser/source'] })
}

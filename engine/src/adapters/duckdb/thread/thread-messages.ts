import type { MessagePort } from 'node:worker_threads'
import { QueryFault } from '../../../calls/index.ts'
import type { ProjectionOptions, ProjectionStore } from '../projection.ts'

/** What the projection thread is started with. */
export interface ThreadData {
  readonly projection: ProjectionOptions
  /** Where the journal is; the composition root of the thread knows how to open it. */
  readonly journal: string
}

/** Methods that are asked for by message. `notify` has no answer and a message of its own; `rebuild` reports progress. */
const METHODS = [
  'aggregateText',
  'rows',
  'lastPostedText',
  'runs',
  'failedRunsText',
  'runTotals',
  'sessionsText',
  'tree',
  'repeats',
  'activityText',
  'facts',
  'sql',
  'sums',
  'sumsBySeq',
  'amounts',
  'replaceRecommendations',
  'watermark',
  'rebuild',
  'close',
] as const
export type Method = (typeof METHODS)[number]

export type Request =
  | { readonly kind: 'notify'; readonly head: number }
  | { readonly kind: 'call'; readonly id: number; readonly method: Method; readonly args: readonly unknown[] }

export type Reply =
  | { readonly kind: 'ready'; readonly rebuilt: string | null }
  | { readonly kind: 'value'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'fault'; readonly id: number; readonly code: QueryFault['code'] | null; readonly message: string }
  | { readonly kind: 'progress'; readonly id: number; readonly seq: number }

/** Answers requests on a port until `close` is asked for. Amounts cross as bigints: messages are structured clones. */
export function serveCallStore(port: MessagePort, store: ProjectionStore, rebuilt: string | null): void {
  const reply = (message: Reply): void => port.postMessage(message)
  port.on('message', (request: Request) => {
    if (request.kind === 'notify') {
      store.notify(request.head)
      return
    }
    const { id, method } = request
    answer(store, request, (seq) => reply({ kind: 'progress', id, seq }))
      .then(
        (value) => reply({ kind: 'value', id, value }),
        (error: unknown) => reply(faultOf(id, error)),
      )
      .finally(() => {
        // With the port closed nothing keeps the thread alive, and it ends by itself.
        if (method === 'close') port.close()
      })
  })
  reply({ kind: 'ready', rebuilt })
}

async function answer(store: ProjectionStore, request: Request & { kind: 'call' }, onProgress: (seq: number) => void): Promise<unknown> {
  const { method, args } = request
  if (!METHODS.includes(method)) throw new QueryFault('query_refused', `there is no method ${method}`)
  if (method === 'rebuild') return await store.rebuild(Number(args[0]), onProgress)
  const work = store[method] as (...values: readonly unknown[]) => Promise<unknown>
  return await work(...args)
}

function faultOf(id: number, error: unknown): Reply {
  const message = error instanceof Error ? error.message : String(error)
  return { kind: 'fault', id, code: error instanceof QueryFault ? error.code : null, message }
}

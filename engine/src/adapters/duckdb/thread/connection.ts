import type { Worker } from 'node:worker_threads'
import { QueryFault } from '../../../calls/index.ts'
import type { StartedThread } from './start-thread.ts'
import type { Method, Reply, Request, ThreadData } from './thread-messages.ts'

/** One projection thread that answered: asked by message, until it ends. */
export interface Connection {
  /** Rejects with `QueryFault`: what the thread refused, or that it has ended. */
  ask(method: Method, args: readonly unknown[], onProgress?: (seq: number) => void): Promise<unknown>
  /** Tells of the newest entry, a little later and with the newest of those that came since; before anything that is asked. */
  notify(head: number): void
  /** Why it does not answer any more; null while it does. */
  stopped(): string | null
  /** Resolves when the thread is gone, and with it its hold on the file. */
  readonly ended: Promise<void>
}

/** Each message wakes the thread, and where cores are few that holds up whoever commits for longer than the commit. */
const NOTIFY_EVERY_MS = 50

/** Tells a thread what to open. Resolves once it answers; `rebuilt` is the reason why the file was dropped, if it was. */
export async function connect(thread: StartedThread, data: ThreadData): Promise<{ connection: Connection; rebuilt: string | null }> {
  const { worker } = thread
  const early = thread.ended()
  if (early !== null) throw new QueryFault('query_failed', early)
  worker.ref()
  worker.postMessage(data)
  const pending = new Map<number, Pending>()
  let stopped: string | null = null
  let lastId = 0
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
  const rebuilt = await readiness(worker, pending, (why) => {
    stopped ??= why
    return stopped
  })
  const post = (request: Request): void => worker.postMessage(request)
  const news = gathered((head) => post({ kind: 'notify', head }))
  const connection: Connection = {
    ask: (method, args, onProgress) =>
      new Promise((resolve, reject) => {
        if (stopped !== null) {
          reject(new QueryFault('query_failed', stopped))
          return
        }
        news.tell()
        lastId += 1
        pending.set(lastId, { resolve, reject, ...(onProgress === undefined ? {} : { onProgress }) })
        post({ kind: 'call', id: lastId, method, args })
      }),
    notify: news.notify,
    stopped: () => stopped,
    ended,
  }
  return { connection, rebuilt }
}

/** Of what comes at short intervals only the newest is told. */
function gathered(told: (head: number) => void): { notify(head: number): void; tell(): void } {
  let newest: number | null = null
  let timer: NodeJS.Timeout | null = null
  const tell = (): void => {
    if (timer !== null) clearTimeout(timer)
    timer = null
    if (newest !== null) told(newest)
    newest = null
  }
  return {
    notify(head) {
      newest = Math.max(newest ?? 0, head)
      timer ??= setTimeout(tell, NOTIFY_EVERY_MS).unref()
    },
    tell,
  }
}

interface Pending {
  readonly resolve: (value: unknown) => void
  readonly reject: (fault: Error) => void
  readonly onProgress?: (seq: number) => void
}

/** Settles what was asked as replies come, and everything at once should the thread end. The first reason of an end is the one told. */
function readiness(worker: Worker, pending: Map<number, Pending>, onStopped: (why: string) => string): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const stop = (why: string): void => {
      const first = onStopped(why)
      reject(new QueryFault('query_failed', first))
      for (const { reject: refuse } of pending.values()) refuse(new QueryFault('query_failed', first))
      pending.clear()
    }
    worker.on('error', (error) => stop(`the projection thread failed: ${error.message}`))
    worker.on('exit', () => stop('the projection thread has ended'))
    worker.on('message', (reply: Reply) => {
      if (reply.kind === 'ready') {
        resolve(reply.rebuilt)
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

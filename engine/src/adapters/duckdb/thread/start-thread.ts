import { Worker } from 'node:worker_threads'

/** A projection thread that loads its program, and waits to be told what to open. */
export interface StartedThread {
  readonly worker: Worker
  /** Why it ended before it was told anything; null while it has not. */
  ended(): string | null
}

/**
 * Starts a thread of the projection. Loading it takes as long as half of a start, so a server starts it before it loads itself; nothing else is
 * imported here. It does not keep the process alive until it is connected.
 */
export function startThread(thread: URL = defaultThread()): StartedThread {
  const worker = thread.pathname.endsWith('.ts') ? fromSource(thread) : new Worker(thread)
  let ended: string | null = null
  worker.once('error', (error) => {
    ended ??= `the projection thread failed: ${error.message}`
  })
  worker.once('exit', () => {
    ended ??= 'the projection thread has ended'
  })
  worker.unref()
  return { worker, ended: () => ended }
}

/**
 * From source the thread needs a loader that reads TypeScript. Node 20 gives `--import` hooks of the command line to the main thread
 * only, so a first module in the thread registers them.
 */
function fromSource(thread: URL): Worker {
  const loader = import.meta.resolve('tsx/esm/api')
  const first = `import { register } from ${JSON.stringify(loader)}; register(); await import(${JSON.stringify(thread.href)})`
  return new Worker(new URL(`data:text/javascript,${encodeURIComponent(first)}`), { execArgv: ['--conditions=@purser/source'] })
}

/** `projection-thread` beside the adapters: a `.ts` file when this one runs from source. */
function defaultThread(): URL {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  return new URL(`../../../projection-thread.${extension}`, import.meta.url)
}

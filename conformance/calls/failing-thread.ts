import { parentPort } from 'node:worker_threads'

/** The projection thread with a planted fault: it fails as a whole when it is asked for the amounts from entry 13 on. */
await import('../../engine/src/projection-thread.ts')
// Only now: whoever listens first is told what to open.
parentPort?.on('message', (request: { method?: string; args?: readonly unknown[] }) => {
  if (request.method === 'amounts' && request.args?.[0] === 13) throw new Error('planted')
})

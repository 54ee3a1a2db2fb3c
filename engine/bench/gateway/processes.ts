import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** A server of the measurement in a process of its own. */
export interface Served {
  readonly url: string
  stop(): Promise<void>
}

/** Starts a module beside this one that says `{ url }` once it is up; `args` is what it is told. */
export async function startProcess(module: string, ...args: readonly string[]): Promise<Served> {
  const child = forked(module, args)
  const [{ url }] = (await once(child, 'message')) as [{ url: string }]
  return { url, stop: () => stopped(child) }
}

/** Runs a module beside this one to its one message, which is the answer. */
export async function runProcess<T>(module: string, ...args: readonly string[]): Promise<T> {
  const child = forked(module, args)
  const ended = once(child, 'exit')
  const answer = await Promise.race([
    once(child, 'message').then(([value]) => value as T),
    ended.then(([code]) => Promise.reject(new Error(`${module} ended with ${code} and no answer`))),
  ])
  await ended
  return answer
}

function forked(module: string, args: readonly string[]): ChildProcess {
  return fork(fileURLToPath(new URL(`./${module}.ts`, import.meta.url)), args, { execArgv: ['--import', 'tsx'] })
}

export async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
}

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** A server of the measurement in a process of its own. */
export interface Served {
  readonly url: string
  stop(): Promise<void>
}

/** Starts a module that says `{ url }` once it is up; `args` is what it is told. */
export async function startProcess(module: URL, ...args: readonly string[]): Promise<Served> {
  const child = forked(module, args)
  const { url } = await messageOf<{ url: string }>(child, module)
  return { url, stop: () => stopped(child) }
}

/** Runs a module to its one message, which is the answer. */
export async function runProcess<T>(module: URL, ...args: readonly string[]): Promise<T> {
  const child = forked(module, args)
  const ended = once(child, 'exit')
  const answer = await messageOf<T>(child, module)
  await ended
  return answer
}

async function messageOf<T>(child: ChildProcess, module: URL): Promise<T> {
  const message = once(child, 'message').then(([value]) => value as T)
  const ended = once(child, 'exit').then(([code]): never => {
    throw new Error(`${module.pathname} ended with ${code} and said nothing`)
  })
  ended.catch(() => undefined)
  return Promise.race([message, ended])
}

function forked(module: URL, args: readonly string[]): ChildProcess {
  return fork(fileURLToPath(module), args, { execArgv: ['--import', 'tsx'] })
}

export async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
}

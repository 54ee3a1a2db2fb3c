import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { LoadPlan, LoadResult } from './load-thread.ts'

/** Sends one kind of request over many connections for some seconds, from a thread of its own, and counts the good answers. */
export async function load(plan: LoadPlan): Promise<LoadResult> {
  const thread = new Worker(new URL('./load-thread.ts', import.meta.url), { workerData: plan, execArgv: ['--import', 'tsx'] })
  const [result] = (await once(thread, 'message')) as [LoadResult]
  await thread.terminate()
  if (result.bad > 0) throw new Error(`${result.bad} of ${result.good + result.bad} requests to ${plan.url} failed`)
  return result
}

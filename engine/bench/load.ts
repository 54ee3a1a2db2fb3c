import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { LoadPlan, LoadResult } from './load-process.ts'

/** Sends one kind of request over many connections for some seconds, from a process of its own, and counts the good answers. */
export async function load(plan: LoadPlan): Promise<LoadResult> {
  const child = fork(fileURLToPath(new URL('./load-process.ts', import.meta.url)), [JSON.stringify(plan)], {
    execArgv: ['--import', 'tsx'],
  })
  const [result] = (await once(child, 'message')) as [LoadResult]
  if (result.bad > 0) throw new Error(`${result.bad} of ${result.good + result.bad} requests to ${plan.url} failed`)
  return result
}

import { AsyncLocalStorage } from 'node:async_hooks'
import type { Attribution } from './inputs.ts'

/** What calls made inside `withRun` belong to, unless they say otherwise themselves. */
export interface RunContext extends Attribution {
  readonly workflowId?: string | undefined
  readonly parentCallId?: string | undefined
  readonly agentName?: string | undefined
  readonly action?: string | undefined
}

const contexts = new AsyncLocalStorage<RunContext>()

/**
 * Runs `fn` so that every call tracked or observed inside it, across awaits, belongs to the run. Contexts nest: the inner one adds to the outer.
 *
 * ```ts
 * const workflowId = tracker.startWorkflow({ workflowName: 'Generate Report' })
 * await withRun(workflowId, () => openai.chat.completions.create(request))
 * ```
 */
export function withRun<T>(run: string | RunContext, fn: () => T): T {
  const own: RunContext = typeof run === 'string' ? { workflowId: run } : run
  return contexts.run(merged(contexts.getStore(), own), fn)
}

/** The context of the code that is running; empty outside `withRun`. */
export function currentRun(): RunContext {
  return contexts.getStore() ?? {}
}

/** `over` wins where it says something; tags of both are kept. */
export function merged<T extends RunContext>(under: RunContext | undefined, over: T): T & RunContext {
  const both: Record<string, unknown> = { ...under }
  for (const key in over) if (over[key] !== undefined) both[key] = over[key]
  if (under?.tags !== undefined && over.tags !== undefined) both.tags = { ...under.tags, ...over.tags }
  return both as T & RunContext
}

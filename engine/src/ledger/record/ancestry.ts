import { fail, LIMITS, ok, type Result, refusal } from '../../kernel/index.ts'
import { type Draft, runIn } from '../draft.ts'
import type { RunState } from '../records.ts'

/** A run and the runs above it, nearest first, at most `runDepthMax` of them. */
export function runChain(draft: Draft, organization: string, id: string | null): RunState[] {
  const chain: RunState[] = []
  let next = id
  while (next !== null && chain.length < LIMITS.runDepthMax) {
    const run = runIn(draft, organization, next)
    if (run === undefined) break
    chain.push(run)
    next = run.parentRun
  }
  return chain
}

/**
 * Whether `id` may hang below `parent`: not when it would become its own ancestor (`cycle`), nor deeper than `runDepthMax` (`too_deep`).
 * A walk that ends at the depth limit refuses, so a loop beyond it cannot be made either.
 */
export function checkParent(draft: Draft, organization: string, id: string, parent: string | null): Result<null> {
  let next = parent
  for (let depth = 1; next !== null; depth++) {
    if (next === id) {
      return fail(refusal('cycle', `run "${id}" cannot be below "${parent}": it would be its own ancestor`, { path: PARENT }))
    }
    if (depth >= LIMITS.runDepthMax) {
      return fail(refusal('too_deep', `run "${id}" would be nested deeper than ${LIMITS.runDepthMax} runs`, { path: PARENT }))
    }
    next = runIn(draft, organization, next)?.parentRun ?? null
  }
  return ok(null)
}

const PARENT = '/parent_workflow_id'

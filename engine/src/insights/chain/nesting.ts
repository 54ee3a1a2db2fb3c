import { assert } from '../../kernel/index.ts'
import type { Chain, ChainCall } from './chain.ts'

/**
 * How many calls deep a nested answer goes. Each level costs a JSON reader two levels of nesting, and many stop at 1,000 or earlier;
 * our own `JSON.stringify` overflows between 2,000 and 3,000 calls.
 */
export const CHAIN_NESTING_MAX = 200

export interface ChainBranch {
  readonly entry: ChainCall
  readonly children: readonly ChainBranch[]
  /** True when it stands higher than it was called, because the tree would be too deep for its reader; `entry.depth` is the true depth. */
  readonly raised: boolean
}

/** The chain as nested objects. Calls deeper than `depthMax` are hung side by side onto the last level, so none is lost. */
export function nestChain(chain: Chain, depthMax: number = CHAIN_NESTING_MAX): ChainBranch[] {
  assert(depthMax >= 1, 'a tree has at least one level')
  const roots: ChainBranch[] = []
  /** For each call the list that its children go into. */
  const lists: ChainBranch[][] = []
  chain.calls.forEach((entry, index) => {
    const siblings = entry.parent === null ? roots : (lists[entry.parent] ?? roots)
    const own: ChainBranch[] = []
    siblings.push({ entry, children: own, raised: entry.depth > depthMax })
    lists[index] = entry.depth >= depthMax ? siblings : own
  })
  return roots
}

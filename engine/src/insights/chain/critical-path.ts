import { tokensOf } from '../../calls/index.ts'
import { type Picos, picos, ZERO } from '../../kernel/index.ts'
import type { ChainCall } from './chain.ts'

export interface CriticalPath {
  /** Indexes into the chain's calls, from a root to a leaf. Empty only when there are no calls. */
  readonly calls: readonly number[]
  readonly cost: Picos
  readonly tokens: number
  /** Calls on the path whose price is not known; with any, the true cost of the path is higher than `cost`, and another may be dearer. */
  readonly unpriced: number
}

interface Weight {
  readonly cost: bigint
  readonly tokens: number
}

/**
 * The root-to-leaf path with the greatest known cost. Of equally dear paths the one with more tokens; of those the one that turns
 * to the earlier call where they part. Expects parents before children and siblings in the order of time.
 */
export function criticalPath(calls: readonly ChainCall[]): CriticalPath {
  const heaviest: Weight[] = []
  const next: (number | null)[] = []
  for (let index = calls.length - 1; index >= 0; index -= 1) {
    const entry = calls[index]
    if (entry === undefined) continue
    const child = heaviestOf(entry.children, heaviest)
    const below = child === null ? undefined : heaviest[child]
    heaviest[index] = {
      cost: (entry.call.cost ?? 0n) + (below?.cost ?? 0n),
      tokens: tokensOf(entry.call) + (below?.tokens ?? 0),
    }
    next[index] = child
  }
  const roots = calls.flatMap((entry, index) => (entry.parent === null ? [index] : []))
  const path: number[] = []
  for (let place = heaviestOf(roots, heaviest); place !== null; place = next[place] ?? null) path.push(place)
  const start = path[0] === undefined ? undefined : heaviest[path[0]]
  return {
    calls: path,
    cost: start === undefined ? ZERO : picos(start.cost),
    tokens: start?.tokens ?? 0,
    unpriced: path.filter((place) => calls[place]?.call.cost === null).length,
  }
}

function heaviestOf(candidates: readonly number[], weights: readonly Weight[]): number | null {
  let best: number | null = null
  for (const candidate of candidates) {
    if (best === null || isHeavier(weights[candidate], weights[best])) best = candidate
  }
  return best
}

function isHeavier(left: Weight | undefined, right: Weight | undefined): boolean {
  if (left === undefined || right === undefined) return false
  return left.cost === right.cost ? left.tokens > right.tokens : left.cost > right.cost
}

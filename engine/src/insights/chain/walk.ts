import { assert, type Picos, picos, ZERO } from '../../kernel/index.ts'
import type { ChainCall } from './chain.ts'
import type { LinkedCalls } from './link.ts'

/** The calls as a list in which every parent comes before its children, siblings in the order of time. Places become indexes of that list. */
export function walkTree(linked: LinkedCalls): ChainCall[] {
  const { order, depths } = preorder(linked.parents)
  assert(order.length === linked.calls.length, 'every call is in the tree exactly once')
  const indexOf = new Map(order.map((place, index) => [place, index]))
  const children: number[][] = order.map(() => [])
  const parents = order.map((place, index) => {
    const parent = linked.parents[place] ?? null
    if (parent === null) return null
    const parentIndex = indexOf.get(parent)
    assert(parentIndex !== undefined && parentIndex < index, 'a parent comes before its children')
    children[parentIndex]?.push(index)
    return parentIndex
  })
  const costs = order.map((place) => linked.calls[place]?.cost ?? ZERO)
  const subtreeCosts = sumsUpwards(costs, parents)
  return order.map((place, index) => {
    const call = linked.calls[place]
    assert(call !== undefined, 'the walk visits calls that exist')
    return {
      call,
      depth: depths[index] ?? 1,
      parent: parents[index] ?? null,
      children: children[index] ?? [],
      parentMissing: linked.parentMissing[place] ?? false,
      cycleBroken: linked.cycleBroken[place] ?? false,
      subtreeCost: subtreeCosts[index] ?? ZERO,
    }
  })
}

function preorder(parents: readonly (number | null)[]): { order: number[]; depths: number[] } {
  const children: number[][] = parents.map(() => [])
  const roots: number[] = []
  parents.forEach((parent, place) => {
    if (parent === null) roots.push(place)
    else children[parent]?.push(place)
  })
  const order: number[] = []
  const depths: number[] = []
  // A stack of our own instead of recursion; pushed in reverse so that the earliest sibling comes off first.
  const stack = roots.reverse().map((place) => ({ place, depth: 1 }))
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    order.push(next.place)
    depths.push(next.depth)
    const below = children[next.place] ?? []
    for (let i = below.length - 1; i >= 0; i -= 1) stack.push({ place: below[i] ?? 0, depth: next.depth + 1 })
  }
  return { order, depths }
}

/** In a list with parents before children, walking backwards meets every child before its parent. */
function sumsUpwards(costs: readonly Picos[], parents: readonly (number | null)[]): Picos[] {
  const sums = [...costs]
  for (let index = sums.length - 1; index >= 0; index -= 1) {
    const parent = parents[index] ?? null
    if (parent !== null) sums[parent] = picos((sums[parent] ?? ZERO) + (sums[index] ?? ZERO))
  }
  return sums
}

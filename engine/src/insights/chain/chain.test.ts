import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CallFact, EVERYTHING, ORGANIZATION, type WorldFacts, worldData, worldStore } from '../../../../conformance/insights/world.ts'
import { sumPicos, usdOfPicos, ZERO } from '../../kernel/index.ts'
import { type Chain, callChain, chainOf } from './chain.ts'
import { CHAIN_NESTING_MAX, type ChainBranch, nestChain } from './nesting.ts'

interface ChainCase extends WorldFacts {
  readonly name: string
  readonly expect: {
    readonly tree: string
    readonly parentMissing?: string[]
    readonly cycleBroken?: string[]
    readonly subtreeCosts?: Record<string, string>
    readonly nestedRuns?: string[]
    readonly criticalPath: string[]
    readonly criticalPathCost: string
    readonly criticalPathUnpriced?: number
    readonly maxChainDepth: number
    readonly total: string
    readonly totalCalls: number
  }
}
const CASES: ChainCase[] = JSON.parse(readFileSync(new URL('../../../../conformance/insights/chains.json', import.meta.url), 'utf8'))

function treeText(branches: readonly ChainBranch[]): string {
  return branches.map(({ entry, children }) => entry.call.callId + (children.length === 0 ? '' : `(${treeText(children)})`)).join(' ')
}

function idsWhere(chain: Chain, holds: (call: Chain['calls'][number]) => boolean): string[] {
  return chain.calls.filter(holds).map(({ call }) => call.callId)
}

describe('call chain', () => {
  it.each(CASES)('$name', async ({ expect: expected, ...facts }) => {
    const chain = await callChain(worldStore(facts), { ...EVERYTHING, runId: 'workflow_abc', limit: 1000 })
    if (chain === null) throw new Error('the run is known')
    expect(treeText(nestChain(chain))).toBe(expected.tree)
    expect(chain.maxChainDepth).toBe(expected.maxChainDepth)
    expect(chain.criticalPath.calls.map((index) => chain.calls[index]?.call.agent)).toEqual(expected.criticalPath)
    expect(usdOfPicos(chain.criticalPath.cost)).toBe(expected.criticalPathCost)
    expect(chain.criticalPath.unpriced).toBe(expected.criticalPathUnpriced ?? 0)
    expect(usdOfPicos(chain.total.cost)).toBe(expected.total)
    expect(chain.total.calls).toBe(expected.totalCalls)
    expect(idsWhere(chain, (call) => call.parentMissing)).toEqual(expected.parentMissing ?? [])
    expect(idsWhere(chain, (call) => call.cycleBroken)).toEqual(expected.cycleBroken ?? [])
    if (expected.nestedRuns) expect(chain.nestedRuns.map((run) => run.runId)).toEqual(expected.nestedRuns)
    for (const [id, cost] of Object.entries(expected.subtreeCosts ?? {})) {
      expect(usdOfPicos(chain.calls.find(({ call }) => call.callId === id)!.subtreeCost)).toBe(cost)
    }
  })

  it('is null for a run nobody has heard of', async () => {
    expect(await callChain(worldStore({}), { ...EVERYTHING, runId: 'workflow_abc', limit: 10 })).toBeNull()
  })

  it('is there for a run that has started and made no call', async () => {
    const chain = await callChain(worldStore({ runs: [{ runId: 'r', startedAt: 1 }] }), { ...EVERYTHING, runId: 'r', limit: 10 })
    expect(chain).toMatchObject({ calls: [], maxChainDepth: 0, criticalPath: { calls: [], cost: ZERO, tokens: 0, unpriced: 0 } })
  })

  it('says when it was cut off', async () => {
    const store = worldStore({ calls: Array.from({ length: 5 }, () => ({ runId: 'r', cost: '1' })) })
    expect(await callChain(store, { ...EVERYTHING, runId: 'r', limit: 4 })).toMatchObject({ truncated: true, total: { calls: 4 } })
    expect(await callChain(store, { ...EVERYTHING, runId: 'r', limit: 5 })).toMatchObject({ truncated: false, total: { calls: 5 } })
  })

  it('does not mix calls of two organizations that used the same call ids', () => {
    const { calls } = worldData({
      calls: [
        { callId: 'a', cost: '1' },
        { callId: 'b', parentCallId: 'a', organization: 'other', cost: '1' },
      ],
    })
    const chain = chainOf('r', [], calls, false)
    expect(chain.calls.map(({ parent, parentMissing }) => [parent, parentMissing])).toEqual([
      [null, false],
      [null, true],
    ])
  })
})

describe('a chain 10,000 calls deep', () => {
  const calls: CallFact[] = Array.from({ length: 10_000 }, (_, index) => ({
    callId: `c${index}`,
    parentCallId: index === 0 ? null : `c${index - 1}`,
    cost: '0.001',
    runId: 'r',
  }))

  it('is walked without running out of stack', () => {
    const chain = chainOf('r', [], worldData({ calls }).calls, false)
    expect(chain.maxChainDepth).toBe(10_000)
    expect(usdOfPicos(chain.criticalPath.cost)).toBe('10')
    expect(usdOfPicos(chain.calls[0]!.subtreeCost)).toBe('10')
  })

  it('closed to a circle, it still ends', () => {
    const circle = [{ ...calls[0]!, parentCallId: 'c9999' }, ...calls.slice(1)]
    const chain = chainOf('r', [], worldData({ calls: circle }).calls, false)
    expect(chain.calls).toHaveLength(10_000)
    expect(chain.calls[0]).toMatchObject({ depth: 1, cycleBroken: true })
  })

  it('nests no deeper than a reader can follow and keeps every call', () => {
    const nested = nestChain(chainOf('r', [], worldData({ calls }).calls, false))
    const depths: number[] = []
    const level = [...nested.map((branch) => ({ branch, depth: 1 }))]
    for (let next = level.pop(); next !== undefined; next = level.pop()) {
      depths.push(next.depth)
      expect(next.branch.raised).toBe(next.branch.entry.depth > CHAIN_NESTING_MAX)
      for (const branch of next.branch.children) level.push({ branch, depth: next.depth + 1 })
    }
    expect(depths).toHaveLength(10_000)
    expect(Math.max(...depths)).toBe(CHAIN_NESTING_MAX)
  })
})

describe('whatever the parent ids say', () => {
  const anyCalls = fc.array(
    fc.record({
      parent: fc.option(fc.integer({ min: 0, max: 30 })),
      at: fc.integer({ min: 0, max: 5 }),
      cost: fc.option(fc.integer({ min: -5, max: 9 })),
    }),
    { minLength: 1, maxLength: 25 },
  )

  it('no call is lost, none is doubled, parents come first and costs add up', () => {
    fc.assert(
      fc.property(anyCalls, (made) => {
        const facts = made.map(({ parent, at, cost }, index) => ({
          callId: `c${index}`,
          parentCallId: parent === null ? null : `c${parent}`,
          at,
          cost: cost === null ? null : String(cost),
        }))
        const chain = chainOf('r', [], worldData({ calls: facts }).calls, false)
        expect(chain.calls.map(({ call }) => call.callId).sort()).toEqual(facts.map((fact) => fact.callId).sort())
        const rootSums = chain.roots.map((root) => chain.calls[root]!.subtreeCost)
        expect(sumPicos(rootSums)).toBe(sumPicos(chain.calls.map(({ call }) => call.cost ?? ZERO)))
        chain.calls.forEach((entry, index) => {
          if (entry.parent !== null) expect(entry.parent).toBeLessThan(index)
          expect(entry.depth).toBe(entry.parent === null ? 1 : chain.calls[entry.parent]!.depth + 1)
          expect(entry.call.organization).toBe(ORGANIZATION)
        })
      }),
    )
  })

  it('no root-to-leaf path is dearer than the critical path', () => {
    fc.assert(
      fc.property(anyCalls, (made) => {
        const facts = made.map(({ parent, cost }, index) => ({
          callId: `c${index}`,
          parentCallId: parent === null ? null : `c${parent}`,
          cost: cost === null ? null : String(cost),
        }))
        const chain = chainOf('r', [], worldData({ calls: facts }).calls, false)
        for (const leaf of chain.calls.filter((entry) => entry.children.length === 0)) {
          let cost = 0n
          for (let at: typeof leaf | undefined = leaf; at !== undefined; at = at.parent === null ? undefined : chain.calls[at.parent])
            cost += at.call.cost ?? 0n
          expect(cost <= chain.criticalPath.cost).toBe(true)
        }
      }),
    )
  })
})

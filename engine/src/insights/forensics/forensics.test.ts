import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { exactRows, plainCost, plainPrice } from '../../../../conformance/insights/plain-rates.ts'
import { type CallFact, EVERYTHING, worldStore } from '../../../../conformance/insights/world.ts'
import { type Picos, usdOfPicos } from '../../kernel/index.ts'
import { forensics } from './forensics.ts'
import { usualOf } from './usual.ts'

interface Case {
  readonly name: string
  /** Calls of agent A with 1,000 tokens in and 100 out before those that matter. */
  readonly usual: number
  readonly runs?: { readonly workflow: string; readonly count: number; readonly callsEach: number; readonly cost: string }
  readonly avalanche?: { readonly calls: number; readonly cost: string; readonly failing?: number }
  readonly calls: readonly CallFact[]
  readonly expect: {
    readonly failures: readonly unknown[]
    readonly excess: string | null
    readonly estimated: string | null
    readonly shortHistory?: readonly unknown[]
    readonly shortRuns?: readonly unknown[]
  }
}

const cases: Case[] = JSON.parse(readFileSync(new URL('../../../../conformance/insights/forensics.json', import.meta.url), 'utf8'))

function callsOf({ usual, calls, runs, avalanche }: Case): CallFact[] {
  const priced = (call: CallFact): CallFact => ({
    agent: 'A',
    model: 'm',
    ...call,
    cost: call.cost === undefined ? usdOfPicos(plainCost(call)) : call.cost,
  })
  const ofRun = (runId: string, count: number, cost: string, failing = 0): CallFact[] =>
    Array.from({ length: count }, (_, index) => ({
      agent: 'B',
      model: 'm',
      runId,
      workflow: runs?.workflow ?? null,
      cost,
      fingerprint: failing > 0 ? 'tried' : `${runId}-${index}`,
      success: index >= failing,
    }))
  return [
    ...Array.from({ length: usual }, () => priced({ inputTokens: 1_000, outputTokens: 100 })),
    ...Array.from({ length: runs?.count ?? 0 }, (_, index) => ofRun(`run-${index}`, runs?.callsEach ?? 0, runs?.cost ?? '0')).flat(),
    ...(avalanche === undefined ? [] : ofRun('large', avalanche.calls, avalanche.cost, avalanche.failing)),
    ...calls.map(priced),
  ]
}

function text(amount: Picos | null): string | null {
  return amount === null ? null : usdOfPicos(amount)
}

describe('failure forensics', () => {
  it.each(cases)('$name', async (one) => {
    const store = worldStore({ calls: callsOf(one) })
    const found = await forensics(store, { ...EVERYTHING, readExact: exactRows, price: plainPrice })
    const shown = found.failures.map(({ mode, agent, workflow, usual, cases: [worst] }) => {
      return [mode, agent ?? workflow, worst?.value, usual?.median ?? null, text(worst?.excess ?? null), worst?.excessBy ?? null]
    })
    expect({ failures: shown, excess: text(found.excess), estimated: text(found.estimatedExcess) }).toEqual({
      failures: one.expect.failures,
      excess: one.expect.excess,
      estimated: one.expect.estimated,
    })
    const short = found.shortHistory.filter(({ agent }) => agent === 'A').map(({ agent, seen, needed }) => [agent, seen, needed])
    if (one.expect.shortHistory !== undefined) expect(short).toEqual(one.expect.shortHistory)
    const runs = found.shortHistory
      .filter(({ workflow }) => workflow !== null)
      .map(({ workflow, seen, needed }) => [workflow, seen, needed])
    expect(runs).toEqual(one.expect.shortRuns ?? [])
    for (const failure of found.failures) expect(failure.cases.every(({ callIds }) => callIds.length > 0)).toBe(true)
  })

  it('judges only the calls that were looked at, and the runs of their time', async () => {
    const one = cases.find(({ name }) => name.startsWith('an avalanche: '))
    const store = worldStore({ calls: [...callsOf(one!), { agent: 'late', cost: '0' }] })
    const found = await forensics(store, { ...EVERYTHING, readExact: exactRows, price: plainPrice, examineMax: 1 })
    expect(found.examined).toEqual({ calls: 1, runs: 0 })
    expect(found.failures).toEqual([])
  })
})

describe('what is usual', () => {
  it('is not moved by a wild value', () => {
    expect(usualOf([10, 11, 12, 13, 1_000_000], 5, 1)).toEqual({ history: 5, median: 12, mad: 1, threshold: 24 })
  })

  it('is twice the middle at least where nearly all values are equal, and a margin above it where they are small', () => {
    expect(usualOf([5, 5, 5, 5, 9], 5, 1)?.threshold).toBe(10)
    expect(usualOf([0, 0, 0, 0, 0], 5, 200)?.threshold).toBe(200)
  })

  it('is not told from too few', () => expect(usualOf([1, 2, 3], 4, 0)).toBeNull())
})

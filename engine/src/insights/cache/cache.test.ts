import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { exactRows, plainCost, plainPrice } from '../../../../conformance/insights/plain-rates.ts'
import { type CallFact, EVERYTHING, START, worldStore } from '../../../../conformance/insights/world.ts'
import { type Picos, usdOfPicos } from '../../kernel/index.ts'
import { analyseCache, type CacheAnalysis } from './analysis.ts'

interface Case {
  readonly name: string
  readonly calls: readonly (CallFact & { readonly minute?: number })[]
  readonly expect: object
}

const cases: Case[] = JSON.parse(readFileSync(new URL('../../../../conformance/insights/caches.json', import.meta.url), 'utf8'))

function analyse(calls: Case['calls'], exactMax = 1_000): Promise<CacheAnalysis> {
  const facts = calls.map(({ minute, ...call }, index) => ({
    model: 'm',
    at: START + (minute ?? index) * 60_000,
    ...call,
    cost: call.cost === undefined ? usdOfPicos(plainCost(call)) : call.cost,
  }))
  return analyseCache(worldStore({ calls: facts }), { ...EVERYTHING, readExact: exactRows, price: plainPrice, exactMax })
}

function text(amount: Picos | null | undefined): string | null {
  return amount === null || amount === undefined ? null : usdOfPicos(amount)
}

describe('cache analysis', () => {
  it.each(cases)('$name', async ({ calls, expect: expected }) => {
    const { hitRate, cold, warmth, overlap, scenarios } = await analyse(calls)
    const { first_call, cache_lost, after_5m, after_1h } = cold.byReason
    expect({
      hitRate: hitRate === null ? null : Number(hitRate.toFixed(9)),
      cold: cold.calls,
      reasons: [first_call, cache_lost, after_5m, after_1h],
      gaps: warmth.map((bucket) => bucket.calls),
      overlap: overlap.share,
      scenarios: scenarios.map(({ saving, range }) => [text(saving), text(range?.low), text(range?.high)]),
    }).toEqual(expected)
    for (const { saving, reason } of scenarios) expect(saving === null).toBe(reason !== null)
  })

  it('expects a saving once enough calls show what is reused, and only of the calls that were priced again', async () => {
    const warm = Array.from({ length: 21 }, (_, index) => ({
      sessionId: 's',
      minute: index,
      inputTokens: 1_000,
      cacheReadTokens: index === 0 ? 0 : 1_000,
      cacheWriteTokens: index === 0 ? 1_000 : 0,
    }))
    const afterPause = { sessionId: 's', minute: 40, inputTokens: 1_000, cacheWriteTokens: 1_000 }
    const [longer] = (await analyse([...warm, afterPause])).scenarios
    // The first write pays $2.25 a million more; the one after the pause is read, $3.45 a million less.
    expect(longer).toMatchObject({ reason: null, calls: { concerned: 2, repriced: 2, callIds: ['call_22'] } })
    expect(text(longer?.saving)).toBe('0.0012')
    const [fewer] = (await analyse([...warm, afterPause], 1)).scenarios
    expect(text(fewer?.saving)).toBe('0.00345')
    expect(fewer?.calls.concerned).toBe(1)
  })

  it('expects nothing of an agent whose calls name no session and do not go on from one another', async () => {
    const strangers = Array.from({ length: 30 }, (_, index) => ({
      agent: 'A',
      minute: index,
      inputTokens: 1_000,
      cacheReadTokens: 100,
      cacheWriteTokens: 900,
    }))
    const { scenarios, reuse, missing } = await analyse(strangers)
    expect(reuse.agent.expected).toBe(0.1)
    expect(scenarios[0]).toMatchObject({ saving: null, reason: expect.stringContaining('send session_id') })
    // From nothing read and every write dearer to every write read.
    expect([text(scenarios[0]?.range?.low), text(scenarios[0]?.range?.high)]).toEqual(['-0.06075', '0.09315'])
    expect(missing.join(' ')).toContain('send session_id')
  })
})

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type CallFact, EVERYTHING, START, usd, worldStore } from '../../../../../conformance/insights/world.ts'
import { divideHalfEven, type Picos, picos, usdOfPicos } from '../../../kernel/index.ts'
import { findOpportunities, type OpportunityType, realisedSaving } from '../index.ts'
import type { CallToPrice, Otherwise, Repricer } from '../opportunity.ts'

type Prices = Readonly<Record<string, readonly string[]>>
interface Case {
  readonly name: string
  readonly type: OpportunityType
  readonly every?: number
  readonly pairs?: true
  readonly calls: readonly (CallFact & { readonly times?: number })[]
  readonly expect: readonly [string, string, string, number] | null
}

const { prices, cases } = JSON.parse(readFileSync(new URL('../../../../../conformance/insights/advice.json', import.meta.url), 'utf8')) as {
  readonly prices: Prices
  readonly cases: readonly Case[]
}
const MINUTE = 60_000
const DAY = 86_400_000

function costOf(
  row: Pick<CallToPrice, 'inputTokens' | 'cacheReadTokens' | 'cacheWriteTokens' | 'outputTokens'>,
  model: string,
  tier: string | null,
): Picos | null {
  const [input, output, read, write] = prices[model] ?? []
  if (input === undefined || output === undefined) return null
  if ((row.cacheReadTokens > 0 && read === undefined) || (row.cacheWriteTokens > 0 && write === undefined)) return null
  const plain = row.inputTokens - row.cacheReadTokens - row.cacheWriteTokens
  const tokens = [plain, row.outputTokens, row.cacheReadTokens, row.cacheWriteTokens]
  const whole = [input, output, read ?? '0', write ?? '0'].reduce((sum, price, index) => sum + BigInt(tokens[index] ?? 0) * usd(price), 0n)
  return picos(divideHalfEven(whole, tier === 'batch' ? 2_000_000n : 1_000_000n))
}

const reprice: Repricer =
  (row) =>
  (model: string, otherwise: Otherwise = {}) =>
    costOf({ ...row, ...otherwise }, model, otherwise.tier ?? row.tier)

function callsOf({ calls, every = 0, pairs }: Pick<Case, 'calls' | 'every' | 'pairs'>): CallFact[] {
  const all = calls.flatMap(({ times, ...call }) => Array.from({ length: times ?? 1 }, () => call))
  return all.map((call, index) => {
    const minutes = pairs === true ? Math.floor(index / 2) * 60 + (index % 2) : index * every
    const counts = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, ...call }
    const cost = call.cost === undefined ? costOf(counts, call.model ?? '', call.tier ?? null) : null
    return { agent: 'A', seller: 's', at: START + minutes * MINUTE + index, ...call, ...(cost === null ? {} : { cost: usdOfPicos(cost) }) }
  })
}

describe('advice on how calls could be made otherwise', () => {
  it.each(cases)('$name', async (given) => {
    const { opportunities, totalPotentialSavings, totalCost } = await findOpportunities(worldStore({ calls: callsOf(given) }), {
      ...EVERYTHING,
      reprice,
    })
    const found = opportunities.find(({ type }) => type === given.type)
    expect(totalPotentialSavings <= totalCost).toBe(true)
    if (given.expect === null || found === undefined) {
      expect(found ?? null).toEqual(given.expect)
      return
    }
    const { potentialSavings, range, calls } = found
    expect([potentialSavings, range?.low, range?.high].map((amount) => usdOfPicos(amount ?? picos(-1n)))).toEqual(given.expect.slice(0, 3))
    expect(calls.saving).toBe(given.expect[3])
    expect(found.risk.words).not.toBe('')
  })

  it('leaves out what was dismissed, in the list and in the total', async () => {
    const store = worldStore({ calls: callsOf(cases[0] ?? { calls: [] }) })
    const all = await findOpportunities(store, { ...EVERYTHING, reprice })
    expect(all.opportunities.map(({ id }) => id)).toContain('batch_tier:A')
    const rest = await findOpportunities(store, { ...EVERYTHING, reprice, dismissed: new Set(['batch_tier:A']) })
    expect(rest.opportunities.map(({ id }) => id)).not.toContain('batch_tier:A')
    expect(rest.totalPotentialSavings < all.totalPotentialSavings).toBe(true)
  })
})

describe('the realised saving', () => {
  const doneAt = START + 40 * DAY
  const measure = async (
    calls: readonly CallFact[],
    type: OpportunityType,
    subject: string | null,
    runs: { runId: string; success: boolean }[] = [],
  ) => {
    const store = worldStore({ calls, runs: runs.map((run) => ({ ...run, startedAt: START, workflow: 'w' })) })
    const { saving, reason, before, after } = await realisedSaving(store, { ...EVERYTHING, type, subject, doneAt, now: doneAt + 10 * DAY })
    return { saving: saving === null ? null : usdOfPicos(saving), reason, before: before.calls, after: after.calls }
  }
  const many = (times: number, day: number, said: CallFact): CallFact[] =>
    Array.from({ length: times }, (_, index) => ({ agent: 'A', model: 'm', at: doneAt + day * DAY + index, ...said }))

  it('is what calls since then would have cost at the cost per call of before, less what they cost', async () => {
    const calls = [...many(20, -3, { cost: '2' }), ...many(30, 1, { cost: '0.5' }), ...many(50, 1, { agent: 'B', cost: '9' })]
    expect(await measure(calls, 'expensive_agent', 'A')).toEqual({ saving: '45', reason: null, before: 20, after: 30 })
  })

  it('is a loss where it costs more, and says so', async () => {
    expect(await measure([...many(20, -3, { cost: '1' }), ...many(20, 1, { cost: '1.5' })], 'batch_tier', 'A')).toMatchObject({
      saving: '-10',
    })
  })

  it('of a model follows the agents that used it', async () => {
    const calls = [
      ...many(20, -3, { cost: '2', model: 'big' }),
      ...many(20, 1, { cost: '0.5', model: 'small' }),
      ...many(20, 1, { agent: 'B', model: 'big', cost: '7' }),
    ]
    expect(await measure(calls, 'expensive_model', 'big')).toMatchObject({ saving: '30', after: 20 })
  })

  it('of repetitions and failed runs compares what was wasted', async () => {
    const repeats = [...many(20, -3, { cost: '1', fingerprint: 'f' }), ...many(20, 1, { cost: '1', fingerprint: null })]
    expect(await measure(repeats, 'repeated_calls', 'A')).toMatchObject({ saving: '19' })
    const failed = [...many(20, -3, { cost: '1', runId: 'bad' }), ...many(20, 1, { cost: '1', runId: 'good' })]
    expect(
      await measure(failed, 'failed_workflows', null, [
        { runId: 'bad', success: false },
        { runId: 'good', success: true },
      ]),
    ).toMatchObject({ saving: '20' })
  })

  it('is not told from a handful of calls, nor from calls of which no price is known', async () => {
    expect(await measure([...many(20, -3, { cost: '1' }), ...many(19, 1, { cost: '1' })], 'expensive_agent', 'A')).toMatchObject({
      saving: null,
      reason: 'only 19 calls with a known price since then; 20 are needed',
    })
    expect(await measure([...many(20, -3, { cost: '1' }), ...many(40, 1, { cost: null })], 'expensive_agent', 'A')).toMatchObject({
      saving: null,
    })
    expect(await measure([], 'expensive_agent', 'A')).toMatchObject({ saving: null, before: 0 })
  })
})

import { describe, expect, it } from 'vitest'
import { EVERYTHING, START, usd, worldStore } from '../../../conformance/insights/world.ts'
import { spendByModel } from './models.ts'
import { OVERVIEW_TOP_MAX, overview } from './overview.ts'
import { spendBySession } from './sessions.ts'

const DAY = 86_400_000
const HOUR = 3_600_000

describe('overview', () => {
  it('sums up, averages over priced calls only, and shows shares', async () => {
    const store = worldStore({
      calls: [
        { agent: 'A', model: 'm', cost: '0.3', inputTokens: 80, cacheReadTokens: 20, outputTokens: 20, at: START },
        { agent: 'A', model: 'm', cost: '0.1', inputTokens: 20, success: false, at: START + 2 * DAY },
        { agent: 'B', model: 'n', cost: null, at: START },
        { agent: 'B', model: 'n', cost: '0', status: 'estimated', uncertain: 1, at: START },
      ],
    })
    const answer = await overview(store, { ...EVERYTHING, zone: 'UTC', reprice: () => null })
    expect(answer).toMatchObject({
      total: { calls: 4, cost: usd('0.4'), unpriced: 1, uncertain: 1, failed: 1 },
      tokens: 120,
      averageCostPerCall: usd('0.133333333333'),
      cacheReadShare: 0.2,
      failedShare: 0.25,
      opportunities: { count: 0, savingUnknown: 0 },
    })
    expect(answer.topAgents.lines.map((line) => line.value)).toEqual(['A', 'B'])
    expect(answer.daily.map((day) => [day.start - START, day.calls, day.cost])).toEqual([
      [0, 3, usd('0.3')],
      [DAY, 0, usd('0')],
      [2 * DAY, 1, usd('0.1')],
    ])
  })

  it('has no averages and no shares over an empty history', async () => {
    const answer = await overview(worldStore({}), { ...EVERYTHING, zone: 'UTC', reprice: () => null })
    expect(answer).toMatchObject({ averageCostPerCall: null, cacheReadShare: null, failedShare: null, daily: [] })
  })

  it('has no average when all calls are unpriced: unknown is not free', async () => {
    const answer = await overview(worldStore({ calls: [{ cost: null }, { cost: null }] }), {
      ...EVERYTHING,
      zone: 'UTC',
      reprice: () => null,
    })
    expect(answer).toMatchObject({ averageCostPerCall: null, total: { calls: 2, unpriced: 2 } })
  })

  it('lists the days that were asked for, in their zone, across a change of the clocks', async () => {
    // Berlin moves its clocks on 2026-03-29, a day of 23 hours.
    const from = Date.UTC(2026, 2, 27, 23)
    const to = Date.UTC(2026, 2, 30, 22)
    const store = worldStore({ calls: [{ cost: '1', at: to - 1 }] })
    const { daily } = await overview(store, { ...EVERYTHING, from, to, zone: 'Europe/Berlin', reprice: () => null })
    expect(daily.map((day) => [(day.start - from) / HOUR, day.calls])).toEqual([
      [0, 0],
      [24, 0],
      [47, 1],
    ])
  })

  it('keeps to what fits on a screen', async () => {
    const calls = Array.from({ length: OVERVIEW_TOP_MAX + 5 }, (_, index) => ({ agent: `agent-${index}`, cost: '1' }))
    const { topAgents } = await overview(worldStore({ calls }), { ...EVERYTHING, zone: 'UTC', reprice: () => null })
    expect(topAgents.lines).toHaveLength(OVERVIEW_TOP_MAX)
    expect(topAgents.others).toMatchObject({ calls: 5, cost: usd('5') })
  })
})

describe('spend by model', () => {
  it('gives the reference example: input and output tokens of each model', async () => {
    const store = worldStore({
      calls: [
        { model: 'gpt-4o', inputTokens: 250_000, outputTokens: 125_000, cost: '52.50' },
        { model: 'gpt-4o-mini', inputTokens: 400_000, outputTokens: 200_000, cost: '16.62' },
      ],
    })
    const { models, total } = await spendByModel(store, { ...EVERYTHING, limit: 10 })
    expect(models).toMatchObject([
      { model: 'gpt-4o', calls: 1, inputTokens: 250_000, outputTokens: 125_000, tokens: 375_000, cost: usd('52.5') },
      { model: 'gpt-4o-mini', calls: 1, inputTokens: 400_000, outputTokens: 200_000, tokens: 600_000, cost: usd('16.62') },
    ])
    expect(total.cost).toBe(usd('69.12'))
  })
})

describe('spend by session', () => {
  const session = { sessionId: 'session_456', userId: 'user_123' }
  const call = { sessionId: 'session_456', userId: 'user_123', cost: '6.17', inputTokens: 20_000, outputTokens: 2839 }

  it('gives the reference example: cost, tokens, workflows and duration', async () => {
    const store = worldStore({
      sessions: [{ ...session, startedAt: START, endedAt: START + HOUR }],
      runs: ['r1', 'r2', 'r3', 'r4', 'r5'].map((runId) => ({ runId, sessionId: 'session_456', startedAt: START })),
      calls: [call, call],
    })
    const { sessions, truncated } = await spendBySession(store, { ...EVERYTHING, limit: 10 })
    expect(sessions).toMatchObject([
      { sessionId: 'session_456', userId: 'user_123', cost: usd('12.34'), tokens: 45_678, runs: 5, durationMs: HOUR, ended: true },
    ])
    expect(truncated).toBe(false)
  })

  it('lasts until its last call while it has not ended, and has no duration when its end lies before its start', async () => {
    const open = worldStore({ sessions: [{ ...session, startedAt: START }], calls: [{ ...call, at: START + 5000 }] })
    const unheard = worldStore({
      calls: [
        { ...call, at: START },
        { ...call, at: START + 7000 },
      ],
    })
    const backwards = worldStore({ sessions: [{ ...session, startedAt: START, endedAt: START - 1 }], calls: [call] })
    const answers = [open, unheard, backwards].map(async (store) => (await spendBySession(store, { ...EVERYTHING, limit: 1 })).sessions[0])
    expect((await Promise.all(answers)).map((answer) => [answer?.durationMs, answer?.ended])).toEqual([
      [5000, false],
      [7000, false],
      [null, true],
    ])
  })

  it('lists the dearest first and says when there are more', async () => {
    const calls = ['1', '3', '2'].map((cost, index) => ({ sessionId: `s${index}`, cost }))
    const { sessions, truncated } = await spendBySession(worldStore({ calls }), { ...EVERYTHING, limit: 2 })
    expect(sessions.map((item) => item.sessionId)).toEqual(['s1', 's2'])
    expect(truncated).toBe(true)
  })
})

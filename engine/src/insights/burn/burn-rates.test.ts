import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CallFact, ORGANIZATION, usd, worldStore } from '../../../../conformance/insights/world.ts'
import { burnAnomalies } from './burn-anomalies.ts'
import { type BurnEntry, burnRates } from './burn-rates.ts'

const NOW = Date.UTC(2026, 10, 22, 12)
const MINUTE = 60_000
const WINDOW = 15 * MINUTE

function call(minutesAgo: number, cost: string | null, facts: CallFact = {}): CallFact {
  return { at: NOW - minutesAgo * MINUTE, cost, sessionId: 's1', agent: 'a', ...facts }
}

function burn(calls: readonly CallFact[], windowMs = WINDOW): Promise<BurnEntry[]> {
  return burnRates(worldStore({ calls }), { scope: { organization: ORGANIZATION }, now: NOW, windowMs, atLeast: 0 })
}

describe('a burn rate', () => {
  it('is what was spent in the window, over the window', async () => {
    const [entry] = await burn([call(40, '1'), call(14, '0.5'), call(1, '0.25')])
    expect(entry).toMatchObject({
      scope: 'session',
      sessionId: 's1',
      velocity: { calls: 2, cost: usd('0.75'), observedMs: WINDOW, perHour: usd('3') },
    })
    expect(entry?.windows.map(({ windowMs, perHour }) => [windowMs / MINUTE, perHour])).toEqual([
      [5, usd('3')],
      [15, usd('3')],
      // Its first call is 40 minutes old, and that is all there has been of it.
      [60, usd('2.625')],
    ])
  })

  it('of something young is over its age, but never over less than five minutes', async () => {
    expect((await burn([call(10, '0.1')]))[0]?.velocity).toMatchObject({ observedMs: 10 * MINUTE, perHour: usd('0.6') })
    expect((await burn([call(0, '0.1')]))[0]?.velocity).toMatchObject({ observedMs: 5 * MINUTE, perHour: usd('1.2') })
    expect((await burn([call(0.5, '0.1')], MINUTE))[0]?.velocity).toMatchObject({ observedMs: MINUTE, perHour: usd('6') })
  })

  it('is null where no price is known, and leaves out what is not known where some is', async () => {
    expect((await burn([call(1, null)]))[0]?.velocity).toMatchObject({ calls: 1, unpriced: 1, perHour: null })
    expect((await burn([call(20, '0'), call(1, null), call(1, '0.25')]))[0]?.velocity).toMatchObject({ unpriced: 1, perHour: usd('1') })
  })

  it('holds what corrects a call, at the time of the call', async () => {
    const [entry] = await burn([call(20, '0'), call(2, '1', { callId: 'c' }), { adjusts: 'c', cost: '-0.75' }])
    expect(entry?.velocity).toMatchObject({ calls: 1, cost: usd('0.25'), perHour: usd('1') })
  })

  it('waits with calls of the future until it is their time', async () => {
    expect(await burn([call(-10, '5')])).toEqual([])
    expect((await burn([call(-10, '5'), call(1, '0.1')]))[0]?.velocity.cost).toBe(usd('0.1'))
  })
})

describe('active', () => {
  it('is what has made a call within the window', async () => {
    expect(await burn([call(16, '1')])).toEqual([])
    expect(await burn([])).toEqual([])
    expect(await burn([call(15, '1')])).toHaveLength(1)
  })

  it('is a session; without one a run; without both an agent; and all that name nothing are one entry', async () => {
    const entries = await burn([
      call(1, '4', { sessionId: 's1', runId: 'r1' }),
      call(1, '3', { sessionId: null, runId: 'r1' }),
      call(1, '2', { sessionId: null, runId: null }),
      call(1, '0.5', { sessionId: null, runId: null, agent: null }),
      call(2, '0.5', { sessionId: null, runId: null, agent: null }),
    ])
    expect(entries.map(({ scope, sessionId, runId, velocity }) => [scope, sessionId, runId, velocity.cost])).toEqual([
      ['session', 's1', null, usd('4')],
      ['run', null, 'r1', usd('3')],
      ['agent', null, null, usd('2')],
      ['none', null, null, usd('1')],
    ])
  })

  it('are sessions of several agents, each with its part, and sessions of one id in two organizations', async () => {
    const calls = [call(1, '1', { agent: 'x' }), call(1, '2', { agent: 'y' }), call(1, '9', { organization: 'other' })]
    const [entry, ...more] = await burn(calls)
    expect(more).toEqual([])
    expect(entry?.agents.map(({ agent, velocity }) => [agent, velocity.cost])).toEqual([
      ['y', usd('2')],
      ['x', usd('1')],
    ])
    const everywhere = await burnRates(worldStore({ calls }), { scope: { allOrganizations: true }, now: NOW, windowMs: WINDOW, atLeast: 0 })
    expect(everywhere.map(({ organization }) => organization)).toEqual(['other', ORGANIZATION])
  })

  it('loses no cent of the window, whatever names what', async () => {
    const names = fc.constantFrom(null, 'one', 'two')
    const facts = fc.record({
      minutesAgo: fc.integer({ min: 0, max: 14 }),
      cents: fc.integer({ min: 0, max: 500 }),
      sessionId: names,
      runId: names,
      agent: names,
    })
    await fc.assert(
      fc.asyncProperty(fc.array(facts, { maxLength: 30 }), async (made) => {
        const entries = await burn(made.map(({ minutesAgo, cents, ...rest }) => call(minutesAgo, (cents / 100).toFixed(2), rest)))
        const spent = entries.reduce((sum, { velocity }) => sum + velocity.cost, 0n)
        const ofAgents = entries.flatMap(({ agents }) => agents).reduce((sum, { velocity }) => sum + velocity.cost, 0n)
        const expected = made.reduce((sum, { cents }) => sum + cents, 0)
        expect(spent).toBe(usd((expected / 100).toFixed(2)))
        expect(ofAgents).toBe(spent)
      }),
    )
  })
})

describe('an anomaly', () => {
  const baseline = { perHour: usd('0.5'), source: 'set' } as const

  it('is an agent that burns more than its baseline times the multiplier', async () => {
    const entries = await burn([call(50, '0'), call(1, '1.05', { agent: 'finance_agent' }), call(1, '0.1', { agent: 'quiet' })])
    const found = burnAnomalies(entries, () => ({ baseline, multiplier: 3 }))
    expect(found).toMatchObject([{ agent: 'finance_agent', perHour: usd('4.2'), ratio: 8.4 }])
    expect(burnAnomalies(entries, () => ({ baseline, multiplier: 8.4 }))).toEqual([])
  })

  it('is nothing without a baseline, without an agent, without a price', async () => {
    const entries = await burn([call(1, '9'), call(1, '9', { agent: null, sessionId: 's2' }), call(1, null, { sessionId: 's3' })])
    expect(entries).toHaveLength(3)
    expect(burnAnomalies(entries, () => null)).toEqual([])
    expect(burnAnomalies(entries, () => ({ baseline, multiplier: 2 }))).toHaveLength(1)
  })
})

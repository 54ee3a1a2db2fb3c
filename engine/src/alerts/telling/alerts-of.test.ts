import { describe, expect, it } from 'vitest'
import { picos } from '../../kernel/index.ts'
import { SAMPLE_NOW, sampleEntry } from '../sample.ts'
import { alertsOf, tells } from './alerts-of.ts'

const usd = (cents: bigint) => picos(cents * 10_000_000_000n)

describe('the alerts of an entry', () => {
  it('are one for each threshold, under ids that stay and say nothing', () => {
    const entry = sampleEntry(7, [{ threshold: 75 }, { threshold: 90 }, { budget: 'b2', threshold: 75 }])
    const alerts = alertsOf(entry)
    expect(alerts.map(({ thresholdPct, facts }) => [thresholdPct, facts.budget_id])).toEqual([
      [75, 'b'],
      [90, 'b'],
      [75, 'b2'],
    ])
    expect(new Set(alerts.map(({ id }) => id)).size).toBe(3)
    expect(alertsOf(entry)).toEqual(alerts)
    expect(alertsOf(sampleEntry(8, [{ threshold: 75 }]))[0]?.id).not.toBe(alerts[0]?.id)
    expect(alertsOf(sampleEntry(7, [{ threshold: 75 }], 'other'))[0]?.id).not.toBe(alerts[0]?.id)
  })

  it('are none where nothing is told, and where it was not kept which budget it is', () => {
    expect(tells(sampleEntry(1))).toBe(false)
    const old = sampleEntry(2, [{}])
    const crossed = (old.crossed ?? []).map(({ rule: _, ...crossing }) => crossing)
    expect(alertsOf({ ...old, crossed })).toEqual([])
  })

  it.each([
    ['7.64 of 10 dollars', 764n, 1_000n, 76.4, '2.36'],
    ['a pico under the limit is not all of it', 99_999n, 100_000n, 99.99, '0.01'],
    ['more than the limit', 1_500n, 1_000n, 150, '0'],
    ['a limit of nothing has no percent', 1n, 0n, null, '0'],
  ])('say how much is spent and left: %s', (_, spent, limit, pct, left) => {
    const [alert] = alertsOf(sampleEntry(1, [{ spent: usd(spent), limit: usd(limit) }]))
    expect(alert?.facts).toMatchObject({ spent_pct: pct, remaining_usd: left })
  })

  it('are about the agent that the budget is about, and about none when it is a team', () => {
    const [agent, team] = alertsOf(sampleEntry(1, [{ value: 'a' }, { value: 'red', dimension: 'team' }]))
    expect(agent).toMatchObject({ agent: 'a', at: SAMPLE_NOW, facts: { agent_id: 'a', dimension: 'agent' } })
    expect(agent?.title).toBe('Agent a has spent 76.4 % of its budget per day')
    expect(team).toMatchObject({ agent: null, facts: { agent_id: null, dimension: 'team', value: 'red' } })
  })
})

import { describe, expect, it } from 'vitest'
import { picos } from '../../kernel/index.ts'
import type { JournalEntry, Trip } from '../../ledger/index.ts'
import { callEvent, SAMPLE_AT } from '../../ledger/sample.ts'
import { alertsOf } from './alerts-of.ts'

const TRIP: Trip = {
  ...{ breaker: 'b1', value: 'researcher', part: '', measure: 'repeats', action: 'block', limit: 5n, counted: 5n },
  ...{ agent: 'researcher', at: SAMPLE_AT, until: SAMPLE_AT + 60_000 },
}

function entryOf(event: JournalEntry['event'], more: Partial<JournalEntry> = {}): JournalEntry {
  return { seq: 7, organization: 'org', recordedAt: SAMPLE_AT, event, transfers: [], ...more }
}

describe('alerts of breakers and agents', () => {
  it('tells each opening once, under ids that stay', () => {
    const money: Trip = {
      ...TRIP,
      breaker: 'b2',
      measure: 'cost',
      action: 'pause',
      limit: picos(2_500_000_000_000n),
      counted: picos(3_000_000_000_000n),
    }
    const entry = entryOf(callEvent({ id: 'c1', agent: 'researcher' }), { tripped: [TRIP, money] })
    const alerts = alertsOf(entry)
    expect(alerts.map(({ type, agent, facts }) => [type, agent, facts.breaker_id, facts.counted, facts.limit, facts.call_id])).toEqual([
      ['breaker.opened', 'researcher', 'b1', '5', '5', 'c1'],
      ['breaker.opened', 'researcher', 'b2', '3', '2.5', 'c1'],
    ])
    expect(alerts[1]?.text).toBe('$3 in its window, the limit is $2.5. The agent is paused until somebody resumes it.')
    expect(alertsOf(entry)).toEqual(alerts)
    expect(new Set(alerts.map(({ id }) => id)).size).toBe(2)
  })

  it.each([
    ['researcher', 'paused', 'agent.paused', 'Agent researcher is paused', 'researcher'],
    ['researcher', 'active', 'agent.resumed', 'Agent researcher is active', 'researcher'],
    ['*', 'stopped', 'agent.stopped', 'All agents of org are stopped', null],
  ] as const)('tells that %s is %s', (agent, state, type, title, about) => {
    const change = { id: 'x', agent, state, reason: 'spent too much', breaker: null, at: SAMPLE_AT }
    const [alert, ...others] = alertsOf(entryOf({ kind: 'agent_state', change }))
    expect(others).toEqual([])
    expect(alert).toMatchObject({ type, title, agent: about, text: 'Spent too much.', facts: { state, agent_id: about } })
  })

  it('tells nothing of a call that opens nothing', () => {
    expect(alertsOf(entryOf(callEvent({ id: 'c1' })))).toEqual([])
  })
})

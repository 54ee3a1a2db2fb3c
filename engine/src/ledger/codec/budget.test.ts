import { describe, expect, it } from 'vitest'
import { assert, picos } from '../../kernel/index.ts'
import type { HoldState } from '../budget/hold-state.ts'
import type { JournalEntry, RecordEvent } from '../records.ts'
import { callEvent, holdEvent, holdExtendEvent, sampleBudget } from '../sample.ts'
import { decodeHoldState, decodeRule, encodeHoldState, encodeRule } from './budget.ts'
import { decodeEntry, encodeEntry } from './entry.ts'
import type { Json } from './json.ts'

const hold = holdEvent({ id: 'c1', tier: 'priority', region: 'eu', amount: null, fallback: picos(7n), tags: { a: 'b' } })
const extension = holdExtendEvent({ id: 'x', call: 'c1', fallback: picos(9n), meters: { input: 3, output: 4 } })
const plan = { model: 'm', seller: 's', tier: 'flex', region: null, meters: { input: 1 }, fallback: null } as const
const SETTLED: JournalEntry['settled'] = { at: 5, amount: picos(3n), plan }

function entryOf(event: RecordEvent, more: Partial<JournalEntry> = {}): JournalEntry {
  return { seq: 1, organization: 'org', recordedAt: 2, event, transfers: [], ...more }
}

function read(of: JournalEntry, body = encodeEntry(of)): JournalEntry {
  return decodeEntry({ seq: of.seq, organization: of.organization, kind: of.event.kind, recordedAt: of.recordedAt, body })
}

describe('journal bodies of holds', () => {
  it.each([
    ['a hold', entryOf(hold)],
    ['an extension', entryOf(extension)],
    ['a call that was held for', entryOf(callEvent({ id: 'c1' }), { settled: SETTLED })],
  ])('read back %s', (_, of) => {
    expect(read(of)).toEqual(of)
  })

  it('read what a program wrote that knew no tier, no region and no plan', () => {
    const [older, longer] = [hold, extension].map((event) => {
      const [version, transfers, late, inherited, values, ...rest] = JSON.parse(encodeEntry(entryOf(event)))
      const added = event.kind === 'hold' ? 3 : 2
      const body = JSON.stringify([version, transfers, late, inherited, values.slice(0, -added), ...rest])
      return read(entryOf(event), body).event
    })
    assert(older?.kind === 'hold' && longer?.kind === 'hold_extend' && hold.kind === 'hold' && extension.kind === 'hold_extend', 'kinds')
    expect(older.hold).toEqual({ ...hold.hold, tier: null, region: null })
    expect(longer.extension).toEqual({ ...extension.extension, fallback: null, meters: null })
    const settled = entryOf(callEvent({ id: 'c1' }), { settled: { at: 5, amount: picos(3n), plan: null } })
    expect(encodeEntry(settled)).toContain('[5,"3"]')
    expect(read(settled)).toEqual(settled)
  })

  it.each([
    ['as it was set first', {}],
    ['that somebody watches', { watched: [60] }],
    ['of which the limit was raised', { raisedSeq: 7 }],
    ['that somebody watches and of which the limit was raised', { watched: [], raisedSeq: 7 }],
  ])('read back a budget %s', (_, of) => {
    const rule = sampleBudget({ id: 'b', ...of })
    expect(decodeRule(encodeRule(rule) as Json[], 'org')).toEqual(rule)
  })

  it('keep the row of a hold, also one of an older program', () => {
    assert(hold.kind === 'hold', 'a hold')
    const { id, meters, at, deadline, amount, fallback, tier, region } = hold.hold
    const { agent, user, session, workflow, team, project, costCenter, action, tags } = hold.hold
    const who = { agent, user, session, workflow, team, project, costCenter, action, tags }
    const scope = { organization: 'org', runs: ['r'], model: 'm', seller: 's', key: null, ...who }
    const state: HoldState = {
      ...{ organization: 'org', id, scope, meters, at, deadline, amount, fallback, tier, region },
      ...{ held: [], expiredAt: null, breakers: ['b1'] },
    }
    expect(decodeHoldState('org', id, encodeHoldState(state))).toEqual(state)
    const older = JSON.stringify(JSON.parse(encodeHoldState(state)).slice(0, -3))
    expect(decodeHoldState('org', id, older)).toEqual({ ...state, tier: null, region: null, breakers: [] })
  })
})

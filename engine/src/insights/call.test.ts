import { describe, expect, it } from 'vitest'
import { START, usd } from '../../../conformance/insights/world.ts'
import { type Picos, picos } from '../kernel/index.ts'
import type { JournalEntry, RecordEvent } from '../ledger/index.ts'
import type { Charge } from '../pricing/index.ts'
import type { Usage } from '../usage/index.ts'
import { callExplained, explainCall } from './call.ts'

const USAGE: Usage = {
  seller: 'openai',
  modelRequested: 'gpt-4o',
  modelServed: 'gpt-4o',
  at: START,
  inferences: [{ model: 'gpt-4o', kind: 'message', meters: { input: 1000 }, evidence: { input: 'reported' } }],
  context: {},
  notes: [],
  outcome: { ok: true },
}

function chargeOf(amount: Picos | null): Charge {
  return { status: amount === null ? 'unpriced' : 'exact', amount, lines: [], unpriced: [], alternatives: [], notes: [], knownAt: START }
}

function entry(seq: number, event: RecordEvent): JournalEntry {
  return { seq, organization: 'org', recordedAt: START + seq, event, transfers: [] }
}

function posted(amount: Picos | null): JournalEntry {
  const nobody = {
    agent: 'A',
    user: null,
    session: null,
    workflow: null,
    team: null,
    project: null,
    costCenter: null,
    action: null,
    tags: {},
  }
  const facts = {
    id: 'c',
    run: null,
    parentCall: null,
    key: null,
    at: START,
    atGiven: true,
    latencyMs: null,
    success: true,
    errorCode: null,
  }
  return entry(1, { kind: 'call', call: { ...nobody, ...facts, fingerprint: null, source: 'api', usage: USAGE, charge: chargeOf(amount) } })
}

function adjustment(seq: number, delta: string, amount: string, call = 'c'): JournalEntry {
  const charge = chargeOf(usd(amount))
  return entry(seq, { kind: 'adjustment', adjustment: { id: `a${seq}`, call, delta: usd(delta), charge, reason: 'new rates', at: START } })
}

describe('a call explained', () => {
  it('shows usage with evidence, the charge and its cost', () => {
    expect(explainCall(posted(usd('0.0025')), [])).toMatchObject({
      usage: USAGE,
      cost: usd('0.0025'),
      costPosted: usd('0.0025'),
      adjustments: [],
    })
  })

  it('follows the adjustments to the cost of today', () => {
    const explained = explainCall(posted(usd('1')), [adjustment(2, '0.5', '1.5'), adjustment(3, '-0.75', '0.75')])
    expect(explained.adjustments.map((item) => item.costAfter)).toEqual([usd('1.5'), usd('0.75')])
    expect(explained).toMatchObject({ costPosted: usd('1'), cost: usd('0.75'), charge: { amount: usd('0.75') } })
  })

  it('keeps an unknown cost unknown, until an adjustment prices it', () => {
    expect(explainCall(posted(null), [])).toMatchObject({ cost: null, costPosted: null })
    expect(explainCall(posted(null), [adjustment(2, '0.2', '0.2')])).toMatchObject({ cost: usd('0.2'), costPosted: null })
  })

  it('refuses to explain by what belongs to another call', () => {
    expect(() => explainCall(posted(picos(1n)), [adjustment(2, '1', '2', 'other')])).toThrow('names the call')
    expect(() => explainCall(adjustment(2, '1', '2'), [])).toThrow('entry that posted it')
  })

  it('is looked up in the journal, adjustments in the call’s own organization', async () => {
    const asked: unknown[] = []
    const journal = {
      findCall: async (organization: string | null, id: string) => (id === 'c' && organization !== 'stranger' ? posted(usd('1')) : null),
      findAdjustments: async (organization: string, id: string) => {
        asked.push([organization, id])
        return [adjustment(2, '1', '2')]
      },
    }
    expect(await callExplained(journal, null, 'c')).toMatchObject({ cost: usd('2') })
    expect(await callExplained(journal, 'stranger', 'c')).toBeNull()
    expect(asked).toEqual([['org', 'c']])
  })
})

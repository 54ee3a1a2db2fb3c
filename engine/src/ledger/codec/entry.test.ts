import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Picos, picos } from '../../kernel/index.ts'
import { CHARGE_STATUSES, type Charge } from '../../pricing/index.ts'
import { type Evidence, METERS, SERVICE_TIERS, type Usage } from '../../usage/index.ts'
import type { Attribution, CallRecord, JournalEntry, RecordEvent } from '../records.ts'
import { callEvent } from '../sample.ts'
import { decodeEntry, encodeEntry } from './entry.ts'

const text = fc.string({ unit: 'binary', maxLength: 12 })
const maybeText = fc.option(text, { nil: null })
const amount: fc.Arbitrary<Picos> = fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }).map(picos)
const maybeAmount = fc.option(amount, { nil: null })
const time = fc.integer({ min: 0, max: 4_102_444_800_000 })
const quantity = fc.nat({ max: 1_000_000_000_000 })
const meters = fc.dictionary(fc.constantFrom(...METERS), quantity, { maxKeys: 5 })
const evidence = fc.dictionary(fc.constantFrom(...METERS), fc.constantFrom<Evidence>('reported', 'derived', 'assumed', 'missing'), {
  maxKeys: 5,
})
const note = fc.record({ code: fc.constant('no_usage' as const), detail: text })

const attribution: fc.Arbitrary<Attribution> = fc.record({
  agent: maybeText,
  user: maybeText,
  session: maybeText,
  workflow: maybeText,
  team: maybeText,
  project: maybeText,
  costCenter: maybeText,
  action: maybeText,
  tags: fc.dictionary(text, text, { maxKeys: 4 }),
})

const inference = fc
  .tuple(text, fc.constantFrom('message' as const, 'advisor' as const), meters, evidence, fc.boolean())
  .map(([model, kind, counted, known, reported]) => ({
    model,
    kind,
    meters: counted,
    evidence: reported ? Object.fromEntries(Object.keys(counted).map((meter) => [meter, 'reported' as const])) : known,
  }))

const usage: fc.Arbitrary<Usage> = fc.record(
  {
    seller: text,
    modelRequested: maybeText,
    modelServed: maybeText,
    at: time,
    inferences: fc.array(inference, { maxLength: 3 }),
    context: fc.record(
      { tier: fc.constantFrom(...SERVICE_TIERS), region: text, containerIds: fc.array(text, { maxLength: 2 }) },
      { requiredKeys: [] },
    ),
    attested: fc.record({ amount: fc.constant('0.12'), currency: fc.constant('USD'), by: text }),
    notes: fc.array(note, { maxLength: 2 }),
    outcome: fc.oneof(fc.constant({ ok: true as const }), fc.record({ ok: fc.constant(false as const), code: text, message: text })),
  },
  { requiredKeys: ['seller', 'modelRequested', 'modelServed', 'at', 'inferences', 'context', 'notes', 'outcome'] },
)

const line = fc.record({
  inference: fc.nat({ max: 3 }),
  model: text,
  meter: fc.constantFrom(...METERS),
  quantity,
  price: fc.constant('2.5'),
  per: fc.constantFrom(1, 1_000_000),
  currency: fc.constantFrom('USD', 'EUR'),
  modifiers: fc.array(text, { maxLength: 2 }),
  cardId: fc.constantFrom('card a', 'card b'),
  rate: fc.nat({ max: 9 }),
  amount,
})

const charge: fc.Arbitrary<Charge> = fc.record(
  {
    status: fc.constantFrom(...CHARGE_STATUSES),
    amount: maybeAmount,
    lines: fc.array(line, { maxLength: 4 }),
    unpriced: fc.array(
      fc.record({
        inference: fc.nat({ max: 3 }),
        model: text,
        meter: fc.constantFrom(...METERS),
        quantity: fc.option(quantity, { nil: null }),
        reason: fc.constantFrom('no_card' as const, 'no_rate' as const),
      }),
      { maxLength: 2 },
    ),
    alternatives: fc.array(fc.record({ when: text, amount }), { maxLength: 2 }),
    attested: fc.record({ amount, by: text, computed: maybeAmount, variance: maybeAmount }),
    fx: fc.record({ currency: text, usdPerUnit: fc.constant('1.1'), asOf: text, source: text }),
    notes: fc.array(note, { maxLength: 2 }),
    knownAt: time,
  },
  { requiredKeys: ['status', 'amount', 'lines', 'unpriced', 'alternatives', 'notes', 'knownAt'] },
)

const call: fc.Arbitrary<CallRecord> = fc
  .tuple(
    attribution,
    fc.record({
      id: text,
      run: maybeText,
      parentCall: maybeText,
      key: maybeText,
      at: time,
      atGiven: fc.boolean(),
      latencyMs: fc.option(
        fc.double({ min: 0, max: 1e9, noNaN: true }).filter((ms) => !Object.is(ms, -0)),
        { nil: null },
      ),
      success: fc.boolean(),
      errorCode: maybeText,
      fingerprint: maybeText,
      source: text,
      usage,
      charge,
    }),
  )
  .map(([of, rest]) => ({ ...of, ...rest }))

const exhausted = fc.record({
  budget: text,
  value: text,
  periodStart: time,
  limit: amount,
  spent: amount,
  held: amount,
  requested: amount,
  rule: fc.record({
    name: maybeText,
    dimension: fc.constantFrom('agent' as const, 'cost_center' as const, 'tag:x' as const),
    period: fc.constantFrom({ unit: 'day' } as const, { unit: 'rolling', lengthMs: 7_200_000 } as const),
    zone: fc.constantFrom('UTC', 'Europe/Berlin'),
    resetsAt: fc.option(time, { nil: null }),
  }),
})

const timed = { id: text, at: time, atGiven: fc.boolean() }
const event: fc.Arbitrary<RecordEvent> = fc.oneof(
  call.map((of) => ({ kind: 'call' as const, call: of })),
  fc
    .tuple(attribution, fc.record({ ...timed, parentRun: maybeText }))
    .map(([of, rest]) => ({ kind: 'run_start' as const, run: { ...of, ...rest } })),
  fc.record({ ...timed, success: fc.boolean(), errorCode: maybeText }).map((run) => ({ kind: 'run_end' as const, run })),
  fc.tuple(attribution, fc.record(timed)).map(([of, rest]) => ({ kind: 'session_start' as const, session: { ...of, ...rest } })),
  fc.record(timed).map((session) => ({ kind: 'session_end' as const, session })),
  fc.record({ id: text, call: text, at: time }).map((alias) => ({ kind: 'call_alias' as const, alias })),
  fc
    .record({ id: text, call: text, delta: amount, charge, reason: text, at: time })
    .map((adjustment) => ({ kind: 'adjustment' as const, adjustment })),
  fc
    .record({ id: text, call: text, agent: maybeText, model: maybeText, at: time, budgets: fc.array(exhausted, { maxLength: 3 }) })
    .map((exhaustion) => ({ kind: 'budget_exhausted' as const, exhaustion })),
)

const entry: fc.Arbitrary<JournalEntry> = fc.record(
  {
    seq: fc.integer({ min: 1, max: 2 ** 50 }),
    organization: text,
    recordedAt: time,
    event,
    transfers: fc.array(fc.record({ debit: text, credit: text, amount }), { maxLength: 2 }),
    late: fc.constant(true as const),
    inherited: fc.array(fc.constantFrom('agent' as const, 'costCenter' as const, 'tag:x' as const, 'workflow=said' as const), {
      minLength: 1,
      maxLength: 3,
    }),
  },
  { requiredKeys: ['seq', 'organization', 'recordedAt', 'event', 'transfers'] },
)

describe('journal bodies', () => {
  it('read back exactly as they were written, in every field of every kind', () => {
    fc.assert(
      fc.property(entry, (written) => {
        expect(readBack(written)).toEqual(written)
      }),
      { numRuns: 500 },
    )
  })

  it('read bodies of version 1 as they were first written', () => {
    const body =
      '[1,[["expense:openai","funding","75"]],1,["user"],["c1","r1",null,"k",5,1,12.5,1,null,null,"api",["openai","gpt-4o",null,null,[["gpt-4o","message",{"input":3},1]],0,0,0,1],["exact","75",["card"],["gpt-4o"],[[0,0,"input",3,"25","1",0,0,0,0,"75"]],0,0,0,0,0,9],"A","u",null,null,null,null,null,null,{"env":"prod"}]]'
    const read = decodeEntry({ seq: 1, organization: 'org', kind: 'call', recordedAt: 6, body: body.replace('"25","1"', '"25",1') })
    expect(
      read.event.kind === 'call' && [
        read.event.call.id,
        read.event.call.user,
        read.event.call.usage.at,
        read.event.call.charge.lines[0]?.amount,
      ],
    ).toEqual(['c1', 'u', 5, 75n])
    expect([read.late, read.inherited, read.transfers[0]?.amount]).toEqual([true, ['user'], 75n])
  })

  it('refuse a version that nobody has written', () => {
    expect(() => decodeEntry({ seq: 1, organization: 'o', kind: 'call', recordedAt: 1, body: '[2,0,0,0,[]]' })).toThrow(/unknown version 2/)
  })

  it('are small: an ordinary call takes less than 600 bytes', () => {
    const written = encodeEntry({
      seq: 1,
      organization: 'o',
      recordedAt: 1,
      event: callEvent({ id: 'x'.repeat(36), run: 'y'.repeat(36), agent: 'Analyst' }),
      transfers: [],
    })
    expect(written.length).toBeLessThan(600)
  })
})

function readBack(written: JournalEntry): JournalEntry {
  const { seq, organization, recordedAt } = written
  return decodeEntry({ seq, organization, kind: written.event.kind, recordedAt, body: encodeEntry(written) })
}

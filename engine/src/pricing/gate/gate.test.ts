import { readFileSync } from 'node:fs'
import { parse } from 'csv-parse/sync'
import { describe, expect, it } from 'vitest'
import { recordedPath, skipReason } from '../../../../conformance/recorded.ts'
import type { Meter, ServiceTier } from '../../usage/index.ts'
import { priceText } from '../feeds/feed.ts'
import type { Rate, RateCard } from '../records.ts'
import { cardWith, truthTable } from '../test-cards.ts'
import { gate, unlisted } from './gate.ts'
import { gateFeed } from './gate-feed.ts'

type Row = readonly [meter: Meter, price: string, tier?: ServiceTier]
interface Case {
  readonly name: string
  readonly candidate: readonly Row[]
  readonly current?: readonly Row[]
  readonly witness?: readonly Row[]
  readonly decision: 'publish' | 'hold'
  readonly confidence?: string
  readonly reasons?: readonly string[]
}

function card(rows: readonly Row[], model = 'm'): RateCard {
  const rates = rows.map(
    ([meter, price, tier]): Rate => ({ meter, price, per: 1_000_000, ...(tier === undefined ? {} : { when: { tier: [tier] } }) }),
  )
  return cardWith({ model, rates, source: { kind: 'feed', ref: 'table@1', checkedAt: 0, confidence: 'single' } })
}

describe('publication gate', () => {
  for (const { name, candidate, current, witness, decision, confidence, reasons } of truthTable<{ cases: readonly Case[] }>('gate').cases) {
    it(`${decision}s ${name}`, () => {
      const verdict = gate(card(candidate), current === undefined ? null : card(current), witness === undefined ? [] : [card(witness)])
      expect(verdict.decision).toBe(decision)
      expect(verdict.reasons.map((entry) => entry.code)).toEqual(reasons ?? [])
      if (confidence !== undefined) expect(verdict.confidence).toBe(confidence)
    })
  }

  it('knows one threshold in its two spellings', () => {
    const rates = (op: 'gt' | 'gte', at: number, price: string): Rate[] => [
      { meter: 'input', price, per: 1_000_000, when: { tier: ['standard'], bracket: { basis: 'input_total', op, at, mode: 'whole' } } },
    ]
    const verdict = gate(cardWith({ rates: rates('gt', 271_999, '8') }), cardWith({ rates: rates('gt', 271_999, '10') }), [
      cardWith({ rates: rates('gte', 272_000, '8') }),
    ])
    expect(verdict).toMatchObject({ decision: 'publish', confidence: 'corroborated' })
  })

  it('keeps and marks what a table no longer has', () => {
    const current = [card([['input', '1']], 'stays'), card([['input', '2']], 'goes')]
    const outcome = gateFeed(
      [card([['input', '1']], 'stays'), card([['input', '3']], 'new'), card([['input', '2690']], 'odd')],
      current,
      [],
      99,
    )
    expect(outcome.publish.map((entry) => entry.model)).toEqual(['new'])
    expect(outcome.hold.map((entry) => entry.card.model)).toEqual(['odd'])
    expect(outcome.unlisted.map((entry) => [entry.model, entry.status, entry.recordedAt, entry.rates])).toEqual([
      ['goes', 'unlisted', 99, current[1]?.rates],
    ])
    expect(unlisted(card([['input', '2']]), 99).id).not.toBe(card([['input', '2']]).id)
  })

  it('does not publish again what was retracted, until the table says something else', () => {
    const wrong = { ...card([['input', '2']], 'm'), retractedAt: 50 }
    const witness = card([['input', '3']], 'm')
    const again = gateFeed([card([['input', '2']], 'm')], [wrong], [witness], 99)
    expect([again.publish, again.hold, again.retracted.length]).toEqual([[], [], 1])
    const corrected = gateFeed([card([['input', '3']], 'm')], [wrong], [witness], 99)
    // Nothing of the table is in force, so what it says now holds for the past too.
    expect(corrected.publish.map((entry) => [entry.rates[0]?.price, entry.validFrom])).toEqual([['3', 0]])
    expect(corrected.retracted).toEqual([])
  })

  it('dates a change of an undated card when it is first seen, once, and finds it retracted under that date', () => {
    const old = card([['input', '5']], 'm')
    const lower = card([['input', '4']], 'm')
    const [changed] = gateFeed([lower], [old], [lower], 99).publish
    expect(changed).toMatchObject({ validFrom: 99, source: { confidence: 'corroborated' } })
    expect(changed?.id).not.toBe(lower.id)
    const next = gateFeed([lower], [old, changed!], [lower], 120)
    expect([next.publish, next.hold, next.retracted]).toEqual([[], [], []])
    const after = gateFeed([lower], [old, { ...changed!, retractedAt: 130 }], [lower], 140)
    expect([after.publish, after.retracted.length]).toEqual([[], 1])
  })
})

describe('a price that was retracted once', () => {
  interface Step {
    readonly day: number
    /** What the table says on that day; null: it does not have the model. */
    readonly says?: string | null
    /** The price whose newest card is found wrong on that day. */
    readonly retract?: string
    readonly published?: readonly string[]
    readonly blocked?: boolean
  }
  interface History {
    readonly name: string
    readonly validFrom?: number
    readonly steps: readonly Step[]
  }
  const said = (price: string, at: number, validFrom: number): RateCard =>
    cardWith({
      rates: [{ meter: 'input', price, per: 1_000_000 }],
      source: { kind: 'feed', ref: 'table@1', checkedAt: at, confidence: 'single' },
      recordedAt: at,
      validFrom,
    })
  const pricesOf = (cards: readonly RateCard[]) => cards.map((entry) => entry.rates[0]?.price)

  for (const { name, validFrom = 0, steps } of truthTable<{ cases: readonly History[] }>('gate-retractions').cases) {
    it(name, () => {
      let own: readonly RateCard[] = []
      for (const { day, says, retract, published = [], blocked = false } of steps) {
        if (retract !== undefined) {
          const wrong = own.findLast((entry) => entry.rates[0]?.price === retract && entry.retractedAt === null)
          expect(wrong, `there is a card of ${retract} on day ${day}`).toBeDefined()
          own = own.map((entry) => (entry === wrong ? { ...entry, retractedAt: day } : entry))
        }
        if (says === undefined) continue
        const table = says === null ? [] : [said(says, day, validFrom)]
        const outcome = gateFeed(table, own, table, day)
        expect([pricesOf(outcome.publish), outcome.retracted.length > 0, outcome.hold], `day ${day}`).toEqual([published, blocked, []])
        own = [...own, ...outcome.publish, ...outcome.unlisted]
      }
    })
  }

  it('what the table said before is written down once more, from then on and as trusted as it was', () => {
    const { id: _id, ...first } = said('2', 1, 0)
    const right = cardWith({ ...first, source: { ...first.source, confidence: 'corroborated' } })
    const wrong = { ...said('3', 2, 2), retractedAt: 3 }
    const [restated] = gateFeed([said('2', 5, 0)], [right, wrong], [], 5).publish
    expect(restated).toMatchObject({
      validFrom: 5,
      recordedAt: 5,
      rates: right.rates,
      source: { checkedAt: 5, confidence: 'corroborated' },
    })
    expect(gateFeed([said('2', 6, 0)], [right, wrong, restated!], [], 6).publish).toEqual([])
  })
})

interface Event {
  readonly observed_at_utc: string
  readonly litellm_key: string
  readonly field: string
  readonly old_usd_per_token: string
  readonly new_usd_per_token: string
}

const file = 'feeds/litellm_price_events.csv'
const skip = skipReason(file)

describe.skipIf(skip !== null)(`observed errors of a public table${skip === null ? '' : `: ${skip}`}`, () => {
  const METERS: Readonly<Record<string, Meter>> = {
    input: 'input',
    output: 'output',
    cache_read: 'input.cache_read',
    cache_write: 'input.cache_write',
  }
  const path = recordedPath(file)
  const events: readonly Event[] = path === null ? [] : parse(readFileSync(path, 'utf8'), { columns: true })
  const ofEvent = (event: Event, usdPerToken: string) => card([[METERS[event.field] ?? 'input', priceText(usdPerToken, 6) ?? '']])

  it('has all 859 events', () => {
    expect(events).toHaveLength(859)
  })

  it('never passes a change by more than five times either way, even with a witness', () => {
    let stopped = 0
    for (const event of events) {
      const [before, after] = [Number(event.old_usd_per_token), Number(event.new_usd_per_token)]
      if (!(before > 0 && after > 0) || (after / before <= 5.000001 && before / after <= 5.000001)) continue
      for (const [from, to] of [
        [event.old_usd_per_token, event.new_usd_per_token],
        [event.new_usd_per_token, event.old_usd_per_token],
      ] as const) {
        const candidate = ofEvent(event, to)
        expect(gate(candidate, ofEvent(event, from), [candidate]).decision, `${event.litellm_key} ${event.field}`).toBe('hold')
      }
      stopped++
    }
    expect(stopped).toBeGreaterThan(200)
  })

  it('never passes a change that no second table confirms', () => {
    const changes = events.filter(
      (event) =>
        Number(event.old_usd_per_token) > 0 && event.new_usd_per_token !== '' && event.old_usd_per_token !== event.new_usd_per_token,
    )
    for (const event of changes) {
      expect(gate(ofEvent(event, event.new_usd_per_token), ofEvent(event, event.old_usd_per_token), []).decision).toBe('hold')
    }
    expect(changes.length).toBeGreaterThan(500)
  })

  it('stops the four named errors', () => {
    const named = [
      ['us.anthropic.claude-sonnet-4-5-20250929-v1:0', 'input', '3.3e-05'],
      ['novita/deepseek/deepseek-v3.2', 'input', '0.00269'],
      ['gemini-2.0-flash-001', 'input', '0.00015'],
      ['claude-3-5-haiku-20241022', 'cache_read', '8e-07'],
    ] as const
    for (const [key, field, wrong] of named) {
      const event = events.find(
        (entry) =>
          entry.litellm_key === key && entry.field === field && (entry.old_usd_per_token === wrong || entry.new_usd_per_token === wrong),
      )
      expect(event, key).toBeDefined()
      const right = event!.old_usd_per_token === wrong ? event!.new_usd_per_token : event!.old_usd_per_token
      expect(gate(ofEvent(event!, wrong), ofEvent(event!, right), []).reasons.map((entry) => entry.code)).toContain('jump')
      // At first sight another table is what stops it.
      expect(gate(ofEvent(event!, wrong), null, [ofEvent(event!, right)]).decision).toBe('hold')
    }
  })
})

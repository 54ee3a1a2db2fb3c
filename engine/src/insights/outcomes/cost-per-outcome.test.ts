import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ORGANIZATION, START, usd, type WorldFacts, worldStore } from '../../../../conformance/insights/world.ts'
import type { Filter } from '../../calls/index.ts'
import { type Picos, periodAt, picos, sumPicos, usdOfPicos } from '../../kernel/index.ts'
import type { ModelUse, TokenRates } from '../anomaly/index.ts'
import { type Comparison, type CostPerOutcome, costPerOutcome, type OutcomeQuestion } from './cost-per-outcome.ts'
import { leversOf, type OutcomeUse } from './levers.ts'

interface Case extends WorldFacts {
  readonly name: string
  readonly now: number
  readonly outcome: OutcomeQuestion['outcome']
  readonly zone?: string
  readonly where?: readonly Filter[]
  readonly expect: object
}

const table: Case[] = JSON.parse(readFileSync(new URL('../../../../conformance/insights/outcomes.json', import.meta.url), 'utf8'))

/** A million tokens in for ten dollars, and for one on the cheap one. */
function rates(input: bigint): TokenRates {
  const usdPerMillion = input * 10n ** 12n
  return {
    input: picos(usdPerMillion),
    cacheRead: picos(usdPerMillion / 10n),
    cacheWrite: picos(usdPerMillion),
    output: picos(usdPerMillion * 4n),
  }
}
const RATES: ReadonlyMap<string, TokenRates> = new Map([
  ['m', rates(10n)],
  ['cheap', rates(1n)],
])

function text(amount: Picos | null): string | null {
  return amount === null ? null : usdOfPicos(amount)
}

function shown({ weeks, trend, outside }: CostPerOutcome) {
  return {
    weeks: weeks.map((week) => ({
      outcomes: week.outcomes,
      attempts: week.attempts,
      failed: week.failed,
      running: week.running,
      cost: text(week.sums.cost),
      perOutcome: text(week.costPerOutcome),
      perAttempt: text(week.costPerAttempt),
      partial: week.isPartial,
    })),
    total: text(sumPicos(weeks.map(({ sums }) => sums.cost))),
    outside: text(outside.cost),
    trend:
      trend === null
        ? null
        : {
            week: text(trend.week.costPerOutcome),
            outcomes: trend.week.outcomes,
            previous: comparison(trend.previous),
            lastFour: comparison(trend.lastFour),
          },
  }
}

/** Levers that have moved nothing are left out. */
function comparison({ weeks, outcomes, costPerOutcome: cost, change, levers }: Comparison) {
  const moved =
    levers === null ? null : Object.fromEntries(Object.entries(levers).flatMap(([name, part]) => (part === 0n ? [] : [[name, text(part)]])))
  return { weeks, outcomes, cost: text(cost), change: text(change), levers: moved }
}

describe('cost per outcome', () => {
  it('has a table', () => expect(table.length).toBeGreaterThan(25))

  it.each(table)('$name', async ({ now, outcome, zone = 'UTC', where, expect: expected, ...facts }) => {
    const first = periodAt({ unit: 'week' }, START, zone)
    const question: OutcomeQuestion = {
      ...{ scope: { organization: ORGANIZATION }, atLeast: 0, zone, now, outcome },
      ...{ from: first.ok ? first.value.start : START, to: now + 1, ratesAt: ({ model }) => RATES.get(model) ?? null },
      ...(where === undefined ? {} : { where }),
    }
    const answer = shown(await costPerOutcome(worldStore(facts), question))
    // Part by part, so that a lever that should not have moved fails.
    for (const [part, value] of Object.entries(expected)) expect(answer[part as keyof typeof answer], part).toEqual(value)
  })
})

const use = (model: string): fc.Arbitrary<ModelUse> =>
  fc.record({
    ...{ model: fc.constant(model), calls: fc.nat(1_000), failed: fc.constant(0) },
    ...{ inputTokens: fc.nat(1e9), cacheReadTokens: fc.nat(1e9), cacheWriteTokens: fc.constant(0), outputTokens: fc.nat(1e9) },
    cost: fc.bigInt({ min: 0n, max: 10n ** 17n }).map(picos),
  })
const outcomeUse: fc.Arbitrary<OutcomeUse> = fc.record({
  outcomes: fc.integer({ min: 1, max: 10_000 }),
  attempts: fc.integer({ min: 1, max: 20_000 }),
  succeeded: fc.constant(1),
  models: fc.tuple(use('m'), use('cheap'), use('other')).chain((models) => fc.subarray(models)),
  rates: fc.constantFrom(RATES, new Map<string, TokenRates>()),
})

describe('the levers of a change', () => {
  it('add up to it to the pico', () => {
    fc.assert(
      fc.property(outcomeUse, outcomeUse, fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }), (before, after, change) => {
        expect(sumPicos(Object.values(leversOf(before, after, picos(change))))).toBe(change)
      }),
    )
  })

  it('are all nothing where nothing has changed', () => {
    fc.assert(
      fc.property(outcomeUse, (same) => {
        expect(Object.values(leversOf(same, same, usd('0'))).every((part) => part === 0n)).toBe(true)
      }),
    )
  })
})

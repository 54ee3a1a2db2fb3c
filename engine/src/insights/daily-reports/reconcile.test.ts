import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CallFact, ORGANIZATION, START, usd, worldStore } from '../../../../conformance/insights/world.ts'
import { type Picos, picos, sumPicos, usdOfPicos, ZERO } from '../../kernel/index.ts'
import { dearest } from './lines.ts'
import { measuredDays } from './measured-days.ts'
import { reachedAt, sumDays } from './period.ts'
import { reconcileDay } from './reconcile.ts'
import type { Compared, DailyReport, ReconciledDay, ReconciledLines } from './records.ts'

const DAY_MS = 86_400_000
const DATE = '2026-01-05'

interface SaidReport {
  readonly source?: string
  readonly cost: string
  readonly tokens: number
  readonly requests: number
  readonly models?: Readonly<Record<string, string>>
  readonly model_pairs?: readonly [string, string][]
  readonly score?: number
}

interface Case {
  readonly name: string
  readonly calls: readonly { model: string | null; cost: string | null; tokens: number; usageEvidence?: 'missing' }[]
  readonly reports: readonly SaidReport[]
  readonly expect: {
    readonly models?: Readonly<Record<string, string | null>>
    readonly model_list?: readonly [string, string][]
    readonly [member: string]: unknown
  }
}

const cases: readonly Case[] = JSON.parse(readFileSync(new URL('../../../../conformance/reporting/days.json', import.meta.url), 'utf8'))

function reportOf(said: SaidReport, date = DATE): DailyReport {
  const lines = said.model_pairs ?? (said.models === undefined ? null : Object.entries(said.models))
  const costByModel = lines === null ? null : new Map(lines.map(([name, amount]) => [name, usd(amount)]))
  const { source = null, tokens, requests, score = null } = said
  return { date, source, cost: usd(said.cost), tokens, requests, costByModel, costByAction: costByModel, waste: null, score }
}

function factOf({ tokens, ...call }: Case['calls'][number], at = START + 1000): CallFact {
  return { ...call, action: call.model, inputTokens: tokens, at }
}

async function days(calls: readonly CallFact[], reports: readonly DailyReport[], count = 1) {
  const question = { scope: { organization: ORGANIZATION }, atLeast: 0, from: START, to: START + count * DAY_MS, zone: 'UTC' }
  const measured = await measuredDays(worldStore({ calls }), question, { reports })
  const reconciled = measured.map((day) =>
    reconcileDay(
      day,
      reports.filter(({ date }) => date === day.date),
    ),
  )
  return { measured, reconciled }
}

const text = (amount: Picos | null): string | null => (amount === null ? null : usdOfPicos(amount))
const counts = ({ total, measured, reported, reportedOnly, variance }: Compared<number>) => [
  total,
  measured,
  reported,
  reportedOnly,
  variance,
]
const amounts = ({ total, measured, reported, reportedOnly, variance }: Compared<Picos>) =>
  [total, measured, reported, reportedOnly, variance].map(text)

function rest({ unattributed, reportedOnly, others }: ReconciledLines): (string | null)[] {
  return [unattributed, reportedOnly, others].map(text)
}

function sumOfParts({ lines, unattributed, reportedOnly, others }: ReconciledLines): Picos {
  return sumPicos([...[...lines.values()].map((amount) => amount ?? ZERO), unattributed, reportedOnly, others])
}

describe('a day of calls and reports', () => {
  it.each(cases)('$name', async ({ calls, reports, expect: expected }) => {
    const { reconciled } = await days(
      calls.map((call) => factOf(call)),
      reports.map((report) => reportOf(report)),
    )
    const [day] = reconciled as [ReconciledDay]
    const { models, model_list, ...others } = expected
    expect(day).toMatchObject({ date: DATE, reports: reports.length })
    const lines = new Map([...day.byModel.lines].map(([name, amount]) => [name, text(amount)]))
    expect(lines).toEqual(new Map(model_list ?? Object.entries(models ?? {})))
    expect({
      source: day.source,
      cost: amounts(day.cost),
      tokens: counts(day.tokens),
      requests: counts(day.requests),
      model_rest: rest(day.byModel),
      ...('unpriced' in others ? { unpriced: day.unpriced } : {}),
      ...('unmetered' in others ? { unmetered: day.unmetered } : {}),
      ...('self_assessed' in others ? { self_assessed: day.selfAssessed } : {}),
    }).toEqual(others)
    expect(day.byAction).toEqual(day.byModel)
  })

  it('whatever calls and reports say: nothing is counted twice, and the parts are the total', async () => {
    const amount = fc.bigInt({ min: 0n, max: 10n ** 15n }).map((value) => usdOfPicos(picos(value)))
    const model = fc.constantFrom('a', 'b', 'c')
    const call = fc.record({ model: fc.option(model), cost: fc.option(amount), tokens: fc.nat(1000) })
    const report = fc.record({ cost: amount, tokens: fc.nat(3000), requests: fc.nat(20), models: fc.dictionary(model, amount) })
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 6 }), fc.array(report, { maxLength: 2 }), async (calls, said) => {
        const reports = said.map((each, index) => reportOf({ ...each, source: String(index) }))
        const { reconciled } = await days(
          calls.map((each) => factOf(each)),
          reports,
        )
        const [day] = reconciled as [ReconciledDay]
        const measured = sumPicos(calls.flatMap(({ cost }) => (cost === null ? [] : [usd(cost)])))
        const reported = sumPicos(reports.map(({ cost }) => cost))
        const total = picos(measured + (reported > measured ? reported - measured : 0n))
        expect(day.cost.total ?? ZERO).toBe(total)
        expect(sumOfParts(day.byModel)).toBe(total)
        expect(sumOfParts(dearest(day.byModel, 1))).toBe(total)
        expect(day.requests.total).toBe(
          Math.max(
            calls.length,
            reports.reduce((sum, { requests }) => sum + requests, 0),
          ),
        )
      }),
    )
  })
})

describe('days together', () => {
  const call = (day: number, cost: string): CallFact => factOf({ model: 'm', cost, tokens: 1 }, START + day * DAY_MS + 1000)
  const report = (day: number, cost: string): DailyReport => {
    return reportOf({ cost, tokens: 1, requests: 1 }, new Date(START + day * DAY_MS).toISOString().slice(0, 10))
  }

  it('are summed day by day: what calls exceed a report by on one day pays for nothing on another', async () => {
    const { measured, reconciled } = await days([call(0, '5'), call(1, '1')], [report(0, '3'), report(1, '4')], 2)
    const { cost } = sumDays(reconciled, measured, true)
    expect(amounts(cost)).toEqual(['9', '6', '7', '3', '1'])
  })

  it('without calls or reports are unknown where reports are sent, and nothing where calls are', async () => {
    const both = await days([call(0, '1')], [report(1, '1')], 4)
    expect(sumDays(both.reconciled, both.measured, true).unknownDates).toEqual(['2026-01-07', '2026-01-08'])
    const calls = await days([call(0, '1')], [], 3)
    expect(sumDays(calls.reconciled, calls.measured, true).unknownDates).toEqual([])
    const nothing = await days([], [], 2)
    expect(sumDays(nothing.reconciled, nothing.measured, false).unknownDates).toEqual(['2026-01-05', '2026-01-06'])
    expect(amounts(sumDays(nothing.reconciled, nothing.measured, false).cost)).toEqual(['0', null, null, '0', null])
  })

  it('reach a level when that much was known, to the pico, and what comes later moves nothing', () => {
    const spends = [
      { at: 30, amount: usd('2') },
      { at: 10, amount: usd('1') },
      { at: 20, amount: usd('3') },
    ]
    expect(reachedAt(spends, usd('1'))).toBe(10)
    expect(reachedAt(spends, usd('4'))).toBe(20)
    expect(reachedAt(spends, usd('4.000000000001'))).toBe(30)
    expect(reachedAt([...spends, { at: 40, amount: usd('9') }], usd('4'))).toBe(20)
    expect(reachedAt(spends, usd('6.000000000001'))).toBeNull()
    expect(reachedAt([], usd('1'))).toBeNull()
  })

  it('read the dearest of many models, every one that a report names, and the rest as others', async () => {
    const many = Array.from({ length: 300 }, (_, index) => factOf({ model: `m${index}`, cost: String(index + 1), tokens: 1 }))
    const named = reportOf({ cost: '50000', tokens: 1, requests: 1, models: { m0: '3', new: '1' } })
    const { reconciled } = await days(many, [named])
    const [day] = reconciled as [ReconciledDay]
    expect(day.byModel.lines.get('m0')).toBe(usd('3'))
    expect(day.byModel.lines.get('new')).toBe(usd('1'))
    expect(day.byModel.lines.get('m299')).toBe(usd('300'))
    expect(day.byModel.lines.has('m1')).toBe(false)
    expect(day.byModel.others > ZERO).toBe(true)
    expect(sumOfParts(day.byModel)).toBe(usd('50000'))
    expect([...dearest(day.byModel, 2).lines.keys()]).toEqual(['m299', 'm298'])
  })
})

import { describe, expect, it } from 'vitest'
import { usd, worldStore } from '../../../../conformance/insights/world.ts'
import { type Millis, parsePeriod } from '../../kernel/index.ts'
import { type BudgetRule, matchOf, type Standing } from '../../ledger/index.ts'
import { type BudgetForecast, budgetForecasts } from './budget-forecast.ts'

const DAY = 86_400_000
const HOUR = 3_600_000
const NOW = Date.parse('2026-11-20T12:00:00Z')

const ruleOf = (said: Partial<BudgetRule> & { per?: string }): BudgetRule => {
  const { per = 'month', ...rest } = said
  const period = parsePeriod(per)
  if (!period.ok) throw new Error(per)
  return {
    organization: 'acme',
    id: 'b1',
    name: null,
    dimension: 'team',
    value: 'research',
    period: period.value,
    zone: 'UTC',
    limit: usd('100'),
    mode: 'soft',
    thresholds: [],
    unpriced: 'allow',
    createdAt: 0,
    countsFrom: 0,
    ...rest,
  }
}
const standing = (rule: BudgetRule, spent: string, held = '0', value = rule.value, at = NOW): Standing => ({
  match: matchOf(rule, value, at),
  spent: usd(spent),
  held: usd(held),
})
/** Something every hour of the last days: more by day than by night. */
const hourly = (days: number, said: object = { team: 'research' }) =>
  Array.from({ length: days * 24 }, (_, back) => {
    const at = NOW - back * HOUR - 1
    const byDay = new Date(at).getUTCHours() >= 8 && new Date(at).getUTCHours() < 20
    return { organization: 'acme', at, cost: (byDay ? 1 + (back % 3) * 0.05 : 0.1).toFixed(4), ...said }
  })
const ask = async (calls: readonly object[], standings: readonly Standing[], now: Millis = NOW): Promise<BudgetForecast[]> =>
  budgetForecasts(worldStore({ calls: calls as never }), { standings, now, atLeast: 0 })

describe('the end of a budget', () => {
  it('is told of a month by days, of a day and a short window by hours', async () => {
    const rules = [
      ruleOf({ id: 'month', limit: usd('400') }),
      ruleOf({ id: 'day', per: 'day', limit: usd('9') }),
      ruleOf({ id: 'roomy', per: 'day', limit: usd('30') }),
      ruleOf({ id: 'window', per: 'rolling:24h', limit: usd('13') }),
      ruleOf({ id: 'hour', per: 'hour', limit: usd('0.5') }),
    ]
    const spent = ['273', '4.6', '4.6', '13', '0']
    const [month, day, roomy, window, hour] = await ask(
      hourly(30),
      rules.map((rule, index) => standing(rule, spent[index] ?? '0')),
    )
    // Some 14 dollars a day: the 400 are reached some nine days from now.
    expect(month?.outcome).toMatchObject({ kind: 'forecast', unit: 'day' })
    const said = (forecast: BudgetForecast | undefined) => (forecast?.outcome.kind === 'forecast' ? forecast.outcome : null)
    expect(new Date(said(month)?.exhaustedAt ?? 0).toISOString()).toMatch(/^2026-11-(28|29)T00/)
    expect(said(day)).toMatchObject({ unit: 'hour' })
    expect(said(day)?.probability).toBeGreaterThan(0.95)
    // 4.6 at noon and 1.05 an hour: 9 is reached soon after four.
    expect(new Date(said(day)?.exhaustedAt ?? 0).toISOString()).toMatch(/^2026-11-20T1[5-7]:00/)
    expect(said(roomy)?.probability).toBe(0)
    expect(said(window)?.probability).toBeGreaterThan(0.8)
    expect(window?.until).toBe(NOW + DAY)
    expect(said(hour)?.probability).toBeGreaterThan(0.9)
    expect(hour?.until).toBe(NOW + HOUR)
  })

  it('is certain where it is passed, and nothing is told of what is too short or too young', async () => {
    const window = ruleOf({ per: 'rolling:30min' })
    const answers = await ask(hourly(3), [standing(ruleOf({}), '100.01'), standing(window, '1'), standing(ruleOf({}), '5')])
    expect(answers.map(({ outcome }) => outcome.kind)).toEqual(['passed', 'too_short', 'not_enough_history'])
    expect(answers[2]?.outcome).toMatchObject({ known: 3, needed: 7, unit: 'day' })
  })

  it('is told of every value of a template by its own history, and of a run with the runs below it', async () => {
    const template = ruleOf({ value: '*' })
    const run = ruleOf({ dimension: 'run', value: 'r1', per: 'day', limit: usd('1000') })
    const calls = [
      ...hourly(20),
      ...hourly(20, { team: 'small' }).map((call) => ({ ...call, cost: '0.001' })),
      ...hourly(4, { runId: 'r1' }),
      ...hourly(4, { runId: 'r2' }),
    ]
    const runs = [
      { organization: 'acme', runId: 'r1' },
      { organization: 'acme', runId: 'r2', parentRunId: 'r1' },
    ]
    const standings = [standing(template, '50', '0', 'research'), standing(template, '0.1', '0', 'small'), standing(run, '8')]
    const store = worldStore({ calls, runs } as never)
    const answers = await budgetForecasts(store, { standings, now: NOW, atLeast: 0 })
    const [research, small, ofRun] = answers.map(({ outcome }) => (outcome.kind === 'forecast' ? outcome : null))
    expect(research?.probability).toBe(1)
    expect(small?.probability).toBe(0)
    const alone = await budgetForecasts(worldStore({ calls } as never), { standings: standings.slice(2), now: NOW, atLeast: 0 })
    const single = alone[0]?.outcome.kind === 'forecast' ? alone[0].outcome.projected : null
    expect((ofRun?.projected?.median ?? 0) - 8).toBeCloseTo(2 * ((single?.median ?? 0) - 8), 0)
  })

  it('of all time is looked for as far ahead as the history carries', async () => {
    const total = ruleOf({ per: 'total', limit: usd('500') })
    const [answer] = await ask(hourly(12), [standing(total, '170')])
    expect(answer?.outcome).toMatchObject({ kind: 'forecast', probability: 1 })
    expect(answer?.until).toBeLessThan(NOW + 49 * DAY)
    expect((await ask([], [standing(total, '0')]))[0]?.outcome).toMatchObject({ kind: 'not_enough_history', known: 0 })
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { randomJournal } from '../../../../../conformance/calls/random-journal.ts'
import type { PriceAgain } from '../../../insights/index.ts'
import { picos, usdNumberOfPicos } from '../../../kernel/index.ts'
import type { JournalEntry } from '../../../ledger/index.ts'
import type { Charge } from '../../../pricing/index.ts'
import { boundedNames } from './bounded-names.ts'
import { exposition } from './exposition.ts'
import type { Family } from './family.ts'
import { createMeters, type Meters } from './meters.ts'

const journal = randomJournal({ seed: 3, entries: 400 })

/** No price is known of anything here. */
const unpriced = (): Charge => ({ status: 'unpriced', amount: null, lines: [], unpriced: [], alternatives: [], notes: [], knownAt: 0 })

function metersOver(entries: readonly JournalEntry[], price: PriceAgain = unpriced): Meters {
  const meters = createMeters(price)
  meters.committed(entries)
  return meters
}

function sumOf(families: readonly Family[], name: string, labels: Readonly<Record<string, string>> = {}): number {
  const family = families.find((one) => one.name === name)
  const matching = family?.series.filter((series) => Object.entries(labels).every(([label, value]) => series.labels[label] === value))
  return matching?.reduce((sum, { value }) => sum + value, 0) ?? Number.NaN
}

/** The first call of the journal, as one of another model, agent or cost. */
function callOf(model: string, agent: string | null = 'a', amount = 1_000_000n): JournalEntry {
  const entry = journal.find(({ event }) => event.kind === 'call')!
  if (entry.event.kind !== 'call') throw new Error('it is a call')
  const { call } = entry.event
  const usage = { ...call.usage, modelServed: model, modelRequested: model, seller: 'acme' }
  return {
    ...entry,
    event: { kind: 'call', call: { ...call, agent, usage, charge: { ...call.charge, amount: picos(amount), status: 'exact' } } },
  }
}

describe('metrics count what was committed', () => {
  it('costs and calls as the journal has them, corrections in their direction', () => {
    const families = metersOver(journal).families()
    let up = 0n
    let down = 0n
    let calls = 0
    for (const { event } of journal) {
      if (event.kind === 'call') {
        up += event.call.charge.amount ?? 0n
        calls += 1
      }
      if (event.kind !== 'adjustment') continue
      if (event.adjustment.delta > 0n) up += event.adjustment.delta
      else down -= event.adjustment.delta
    }
    expect(down).toBeGreaterThan(0n)
    expect(sumOf(families, 'finops_cost_usd_total')).toBeCloseTo(usdNumberOfPicos(picos(up)), 9)
    expect(sumOf(families, 'finops_cost_reductions_usd_total')).toBeCloseTo(usdNumberOfPicos(picos(down)), 9)
    expect(sumOf(families, 'finops_calls_total')).toBe(calls)
    expect(sumOf(families, 'agent_runs_total')).toBe(journal.filter(({ event }) => event.kind === 'run_start').length)
    expect(sumOf(families, 'agent_runs_ended_total')).toBe(journal.filter(({ event }) => event.kind === 'run_end').length)
  })

  it('no counter ever falls, however the journal is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 2, maxLength: 12 }), (sizes) => {
        const meters = metersOver([])
        let before = new Map<string, number>()
        let from = 0
        for (const size of sizes) {
          meters.committed(journal.slice(from, from + size))
          from += size
          const now = new Map<string, number>()
          for (const { name, kind, series } of meters.families()) {
            if (kind === 'gauge') continue
            for (const { suffix = '', labels, value } of series) now.set(`${name}${suffix}${JSON.stringify(labels)}`, value)
          }
          for (const [series, value] of before) expect(now.get(series), series).toBeGreaterThanOrEqual(value)
          before = now
        }
      }),
      { numRuns: 20 },
    )
  })

  it('many small amounts exactly: nothing is lost in sums of floats', () => {
    const meters = metersOver([])
    meters.committed(Array.from({ length: 1_000 }, () => callOf('m', 'a', 100_000_000_000n)))
    expect(sumOf(meters.families(), 'finops_cost_usd_total')).toBe(100)
  })
})

describe('labels are bounded', () => {
  it('10,000 models, sellers and agents are a hundred series and one for the others', () => {
    const meters = metersOver(Array.from({ length: 10_000 }, (_, index) => callOf(`model-${index}`, `agent-${index}`)))
    const families = meters.families()
    for (const name of ['finops_cost_usd_total', 'finops_agent_cost_usd_total']) {
      expect(families.find((family) => family.name === name)?.series).toHaveLength(101)
    }
    expect(sumOf(families, 'finops_cost_usd_total')).toBeCloseTo(0.01, 12)
    expect(sumOf(families, 'finops_cost_usd_total', { model: 'other' })).toBeCloseTo(0.0099, 12)
    expect(sumOf(families, 'finops_cost_usd_total', { model: 'model-0' })).toBe(0.000001)
  })

  it('a name keeps its series, what is too long has none, and nothing is not a name', () => {
    const label = boundedNames(2)
    expect([label('a'), label('x'.repeat(500)), label(null), label(''), label('b'), label('c'), label('a')]).toEqual([
      'a',
      'other',
      'none',
      'none',
      'b',
      'other',
      'a',
    ])
    expect(boundedNames(1)('\ud800')).toBe('\ufffd')
  })

  it('requests are counted by the path as documented and the class of the status', () => {
    const meters = metersOver([])
    for (let index = 0; index < 1_000; index += 1)
      meters.answered({ method: 'GET', route: '/v1/finops/agents/{agent}', status: 200 + (index % 5), seconds: 0.02 })
    const family = meters.families().find(({ name }) => name === 'purser_http_request_duration_seconds')
    expect(family?.series.filter(({ suffix }) => suffix === '_count')).toEqual([
      { suffix: '_count', labels: { method: 'GET', route: '/v1/finops/agents/{agent}', status: '2xx' }, value: 1_000 },
    ])
    const buckets = family?.series.filter(({ suffix }) => suffix === '_bucket').map(({ labels, value }) => [labels.le, value])
    expect(buckets).toEqual([
      ['0.005', 0],
      ['0.01', 0],
      ['0.025', 1_000],
      ...['0.05', '0.1', '0.25', '0.5', '1', '2.5', '10', '+Inf'].map((bound) => [bound, 1_000]),
    ])
  })
})

describe('the text of the metrics', () => {
  const hostile = 'a "b"\\c\nd{e="f"} 1'
  const families = metersOver([callOf(hostile)]).families()

  it('has the names of counters with their suffix, and hostile names escaped', async () => {
    const { contentType, text } = await exposition(families, 'text')
    expect(contentType).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(text).toContain('# TYPE finops_cost_usd_total counter\n')
    expect(text).toContain('finops_cost_usd_total{model="a \\"b\\"\\\\c\\nd{e=\\"f\\"} 1",seller="acme"} 0.000001\n')
    expect(text).not.toContain('# EOF')
  })

  it('is OpenMetrics where that is asked for: metadata without the suffix, series with it, an end', async () => {
    const { contentType, text } = await exposition(families, 'openmetrics')
    expect(contentType).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8')
    expect(text).toContain('# TYPE finops_cost_usd counter\n')
    expect(text).toContain('\nfinops_cost_usd_total{')
    expect(text).not.toContain('_total_total')
    expect(text.endsWith('\n# EOF\n')).toBe(true)
  })

  it('is the same however often it is asked for, and in whichever order', async () => {
    const first = await exposition(families, 'text')
    await exposition(families, 'openmetrics')
    expect(await exposition(families, 'text')).toEqual(first)
  })
})

describe('beside the text', () => {
  it('savings are kept by organization', () => {
    const meters = metersOver(journal)
    const organizations = ['acme', 'globex', "o'neil; --"]
    const calls = organizations.map((organization) => meters.cacheEffect(organization)?.promptCalls ?? Number.NaN)
    expect(calls.reduce((sum, count) => sum + count, 0)).toBe(meters.cacheEffect(null)?.promptCalls)
    expect(meters.cacheEffect('nobody')).toMatchObject({ hits: 0, promptCalls: 0, semanticSavings: 0n })
  })

  it('a fault of the metrics is no fault of the commit: it is counted, and so is the rest', () => {
    const meters = metersOver(journal, () => {
      throw new Error('a fault')
    })
    const faults = sumOf(meters.families(), 'purser_metrics_faults_total')
    expect(faults).toBeGreaterThan(0)
    expect(faults).toBe(metersOver(journal).cacheEffect(null)?.promptCalls)
    expect(sumOf(metersOver(journal).families(), 'purser_metrics_faults_total')).toBe(0)
    expect(sumOf(meters.families(), 'finops_calls_total')).toBe(journal.filter(({ event }) => event.kind === 'call').length)
  })
})

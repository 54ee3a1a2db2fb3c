import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CallFact, EVERYTHING, START, usd, worldStore } from '../../../../conformance/insights/world.ts'
import { type CallStore, sumMeasures } from '../../calls/index.ts'
import { totalOf } from '../breakdown.ts'
import { reportCsv } from './csv.ts'
import { type ReportQuestion, type ReportRow, reportRows } from './report.ts'

const DAY = 86_400_000
const QUESTION: ReportQuestion = { ...EVERYTHING, groupBy: ['agent', 'model'], bucket: 'day', zone: 'UTC' }

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const list: Item[] = []
  for await (const item of items) list.push(item)
  return list
}

async function csvOf(calls: readonly CallFact[], question: ReportQuestion = QUESTION): Promise<string> {
  return (await collect(reportCsv(reportRows(worldStore({ calls }), question), question))).join('')
}

describe('report rows', () => {
  it('are by day and dimensions, oldest day first, dearest first within it', async () => {
    const calls = [
      { agent: 'A', model: 'm', cost: '1', at: START + DAY },
      { agent: 'A', model: 'm', cost: '2', at: START },
      { agent: 'B', model: null, cost: '3', at: START },
    ]
    const rows = await collect(reportRows(worldStore({ calls }), QUESTION))
    expect(rows.map((row) => [row.bucketStart, row.keys, row.cost])).toEqual([
      [START, ['B', null], usd('3')],
      [START, ['A', 'm'], usd('2')],
      [START + DAY, ['A', 'm'], usd('1')],
    ])
  })

  it('without a bucket are one per group', async () => {
    const calls = [
      { agent: 'A', cost: '1', at: START + DAY },
      { agent: 'A', cost: '2', at: START },
    ]
    const rows = await collect(reportRows(worldStore({ calls }), { ...QUESTION, bucket: 'none' }))
    expect(rows).toMatchObject([{ bucketStart: null, keys: ['A', null], calls: 2, cost: usd('3') }])
  })

  it('are none for an empty history, with any grouping', async () => {
    for (const bucket of ['day', 'none'] as const) {
      for (const groupBy of [[], ['agent' as const]]) {
        expect(await collect(reportRows(worldStore({}), { ...QUESTION, bucket, groupBy }))).toEqual([])
      }
    }
  })

  it('are the same however small the pieces they are read in, and add up to the total', async () => {
    const anyCall = fc.record({
      agent: fc.constantFrom('A', 'B', null),
      at: fc.integer({ min: START, max: START + 9 * DAY }),
      cost: fc.option(fc.integer({ min: 0, max: 99 }).map(String)),
    })
    const anySpan = fc.record(
      { from: fc.integer({ min: START, max: START + 4 * DAY }), to: fc.integer({ min: START, max: START + 9 * DAY }) },
      { requiredKeys: [] },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(anyCall, { maxLength: 30 }), fc.integer({ min: 1, max: 10 }), anySpan, async (calls, piece, span) => {
        const store = worldStore({ calls })
        const question = { ...QUESTION, ...span, zone: 'Asia/Kolkata' }
        const whole = await collect(reportRows(store, question))
        expect(await collect(reportRows(store, question, piece))).toEqual(whole)
        expect(sumMeasures(whole)).toEqual(await totalOf(store, { ...EVERYTHING, ...span }))
      }),
    )
  })

  it('are handed on before the last of them is read', async () => {
    const base = worldStore({ calls: [0, 1, 2].map((day) => ({ agent: 'A', cost: '1', at: START + day * DAY })) })
    let asked = 0
    const counting: CallStore = {
      ...base,
      aggregate: (query) => {
        asked += 1
        return base.aggregate(query)
      },
    }
    const rows = reportRows(counting, QUESTION, 1)
    await rows.next()
    expect(asked).toBe(3)
    expect(await collect(rows)).toHaveLength(2)
    expect(asked).toBe(5)
    // Of few rows: one query, however many days they are of.
    expect(await collect(reportRows(counting, QUESTION))).toHaveLength(3)
    expect(asked).toBe(6)
  })
})

describe('report as CSV', () => {
  it('has a heading, exact costs and empty cells for what is not said', async () => {
    const calls = [{ agent: 'A', model: null, cost: '0.000000000001', inputTokens: 3, outputTokens: 4, latencyMs: 10, at: START }]
    expect(await csvOf(calls)).toBe(
      'day,agent,model,calls,failed_calls,unpriced_calls,uncertain_calls,unmetered_calls,input_tokens,cache_read_tokens,cache_write_tokens,output_tokens,' +
        'reasoning_tokens,total_tokens,cost_usd,avg_latency_ms\n2026-01-05,A,,1,0,0,0,0,3,0,0,4,0,7,0.000000000001,10\n',
    )
  })

  it('is only a heading for an empty history', async () => {
    expect((await csvOf([])).split('\n')).toHaveLength(2)
  })

  it('never hands a spreadsheet a formula and leaves negative amounts numbers', async () => {
    const names = ['=HYPERLINK("http://x")', '+1', '-1+cmd', '@SUM(A1)', '\tx', 'plain, "quoted"\nname']
    const calls: CallFact[] = names.map((agent, index) => ({ callId: `c${index}`, agent, cost: '1', at: START }))
    const question: ReportQuestion = { ...QUESTION, groupBy: ['agent', 'tag:=evil'] }
    const rows: string[][] = parse(await csvOf([...calls, { adjusts: 'c0', cost: '-3' }], question))
    expect(rows[0]?.slice(0, 3)).toEqual(['day', 'agent', 'tag:=evil'])
    expect(
      rows
        .slice(1)
        .map((row) => row[1])
        .sort(),
    ).toEqual(names.map((name) => (name.startsWith('plain') ? name : `'${name}`)).sort())
    expect(rows.find((row) => row[1]?.includes('HYPERLINK'))?.[14]).toBe('-2')
  })

  it('names days and months in their own zone and hours by their instant', async () => {
    const calls = [{ agent: 'A', cost: '1', at: Date.UTC(2026, 0, 31, 23, 30) }]
    const firstCell = async (bucket: ReportQuestion['bucket']): Promise<string | undefined> =>
      (await csvOf(calls, { ...QUESTION, bucket, zone: 'Europe/Berlin' })).split('\n')[1]?.split(',')[0]
    expect(await Promise.all((['day', 'month', 'hour', 'none'] as const).map(firstCell))).toEqual([
      '2026-02-01',
      '2026-02-01',
      '2026-01-31T23:00:00.000Z',
      'A',
    ])
  })

  it('comes in pieces when it is long', async () => {
    async function* many(): AsyncGenerator<ReportRow> {
      const [row] = await collect(reportRows(worldStore({ calls: [{ agent: 'A', cost: '1' }] }), QUESTION))
      for (let index = 0; index < 1200; index += 1) yield row!
    }
    const pieces = await collect(reportCsv(many(), QUESTION))
    expect(pieces).toHaveLength(3)
    expect(pieces.join('').trimEnd().split('\n')).toHaveLength(1201)
  })
})

import { parse } from 'csv-parse/sync'
import { describe, expect, it } from 'vitest'
import table from '../../../../conformance/reconcile/reconciliations.json' with { type: 'json' }
import { pagesOf, ReconcileWorld, type TableCall, type TableReport, tableLines } from '../../../../conformance/reconcile/world.ts'
import { picos } from '../../kernel/index.ts'
import { fxTable } from '../../pricing/index.ts'
import { usageWith } from '../../pricing/test-cards.ts'
import { reconciliationCsv } from './csv.ts'

interface Case {
  readonly name: string
  readonly calls: readonly TableCall[]
  readonly report: TableReport
  readonly filter?: { readonly projects?: string[]; readonly workspaces?: string[]; readonly apiKeys?: string[] }
  readonly fx?: Parameters<typeof fxTable>[0]
  readonly now?: string
  readonly from?: string
  readonly to?: string
  readonly reconciled: boolean
  readonly remarks?: readonly string[]
  readonly lines: readonly Readonly<Record<string, unknown>>[]
}

async function done({ calls, report, filter, fx, now, from, to }: Case) {
  return new ReconcileWorld(calls).reconcile(
    pagesOf(report),
    {
      filter: { projects: [], workspaces: [], apiKeys: [], ...filter },
      ...(now === undefined ? {} : { now: Date.parse(now) }),
      ...(from === undefined ? {} : { from: Date.parse(from) }),
      ...(to === undefined ? {} : { to: Date.parse(to) }),
    },
    fxTable(fx ?? []),
  )
}

describe('a reconciliation', () => {
  it.each(table as unknown as Case[])('$name', async (given) => {
    const found = await done(given)
    expect(tableLines(found)).toMatchObject(given.lines)
    expect(found.remarks.map(({ code }) => code)).toEqual(given.remarks ?? [])
    expect(found.reconciled).toBe(given.reconciled)
  })

  it('covers every status', () => {
    const said = new Set((table as unknown as Case[]).flatMap(({ lines }) => lines.map(({ status }) => status)))
    expect([...said].filter((status) => status !== undefined).sort()).toEqual(['drift', 'matched', 'ours_only', 'theirs_only'])
  })

  it('adds corrections to the day of the call', async () => {
    const world = new ReconcileWorld([{ id: 'a', at: '2026-11-10T10:00:00Z', model: 'half-priced', meters: { input: 1_000_000 } }])
    const corrected = new ReconcileWorld([{ id: 'a', at: '2026-11-10T10:00:00Z', model: 'gpt-4o', meters: { input: 1_000_000 } }])
    const first = corrected.books.entries[0]?.event
    if (first?.kind !== 'call') throw new Error('the first entry is a call')
    world.books.adjust('a', first.call.charge, Date.parse('2026-12-20T00:00:00Z'))
    const found = await world.reconcile(pagesOf({ openai_costs: { '2026-11-10': [['gpt-4o, input', 2]] } }))
    expect(tableLines(found)).toMatchObject([{ day: '2026-11-10', status: 'matched', ours: '2', calls: ['a'] }])
    const early = await world.reconcile(pagesOf({ openai_costs: { '2026-11-10': [['half-priced, input', 1]] } }), { atLeast: 1 })
    expect(tableLines(early)).toMatchObject([{ model: 'half-priced', status: 'matched', ours: '1' }])
  })

  it('tells a cost that the seller stated and no rate divides', async () => {
    const world = new ReconcileWorld()
    const at = Date.parse('2026-11-10T10:00:00Z')
    const usage = usageWith({ input: 7 }, { seller: 'openai', model: 'unlisted', at })
    const attested = { amount: picos(2_000_000_000_000n), by: 'openai', computed: null, variance: null }
    world.books.call(usage, {
      id: 'a',
      charge: { status: 'attested', amount: attested.amount, lines: [], unpriced: [], alternatives: [], attested, notes: [], knownAt: at },
    })
    const found = await world.reconcile(pagesOf({ openai_costs: { '2026-11-10': [] } }))
    expect(tableLines(found)).toMatchObject([
      { model: 'unlisted', meter: null, status: 'ours_only', ours: '2', reasons: ['stated_by_seller'] },
    ])
  })

  it('takes another tolerance, and none', async () => {
    const world = new ReconcileWorld([{ id: 'a', at: '2026-11-10T10:00:00Z', model: 'gpt-4o', meters: { input: 1_000_000 } }])
    const pages = pagesOf({ openai_costs: { '2026-11-10': [['gpt-4o, input', 2.004]] } })
    const statuses = async (tolerance: bigint) =>
      (await world.reconcile(pages, { tolerance: picos(tolerance) })).lines.map(({ status }) => status)
    expect([await statuses(0n), await statuses(3_999_999_999n), await statuses(4_000_000_000n)]).toEqual([
      ['drift'],
      ['drift'],
      ['matched'],
    ])
  })

  it('shows as many ids as are asked for, and counts all calls', async () => {
    const calls = Array.from({ length: 25 }, (_, index) => ({
      id: `c${index}`,
      at: '2026-11-10T10:00:00Z',
      model: 'gpt-4o',
      meters: { input: 40_000 },
    }))
    const found = await new ReconcileWorld(calls).reconcile(pagesOf({ openai_costs: { '2026-11-10': [['gpt-4o, input', 2]] } }), {
      callIdsMax: 3,
    })
    expect(found.lines[0]?.ours).toMatchObject({ calls: 25, callIds: ['c0', 'c1', 'c2'] })
  })

  it('is not reconciled while a page is missing, however well its lines agree', async () => {
    const [page] = pagesOf({ openai_costs: { '2026-11-10': [] } }) as Record<string, unknown>[]
    const found = await new ReconcileWorld().reconcile([{ ...page, has_more: true }])
    expect([found.reconciled, found.remarks.map(({ code }) => code)]).toEqual([false, ['pages_missing']])
  })

  it('compares a part of a day with that part of ours', async () => {
    const hour = (from: number, results: unknown[]) => ({
      object: 'bucket',
      start_time: from / 1_000,
      end_time: from / 1_000 + 3_600,
      results,
    })
    const ten = Date.parse('2026-11-10T10:00:00Z')
    const result = { object: 'organization.usage.completions.result', model: 'gpt-4o', input_tokens: 5, output_tokens: 0 }
    const world = new ReconcileWorld([
      { id: 'before', at: '2026-11-10T09:59:59Z', model: 'gpt-4o', meters: { input: 9 } },
      { id: 'within', at: '2026-11-10T10:30:00Z', model: 'gpt-4o', meters: { input: 5 } },
      { id: 'after', at: '2026-11-10T11:00:00Z', model: 'gpt-4o', meters: { input: 9 } },
    ])
    const found = await world.reconcile([{ object: 'page', data: [hour(ten, [result])], has_more: false }])
    expect(tableLines(found)).toMatchObject([{ status: 'matched', calls: ['within'] }])
  })

  it('is written as CSV that a spreadsheet takes for no formula', async () => {
    const world = new ReconcileWorld([{ id: '=1+1', at: '2026-11-10T10:00:00Z', model: 'gpt-4o', meters: { input: 1_000_000 } }])
    const { lines } = await world.reconcile(
      pagesOf({
        openai_costs: {
          '2026-11-10': [
            ['gpt-4o, input', 1.5],
            ['=cmd(), 2', -1],
          ],
        },
      }),
    )
    let text = ''
    for await (const piece of reconciliationCsv(lines)) text += piece
    expect(parse(text, { columns: true })).toMatchObject([
      { model: "'=cmd()", status: 'theirs_only', theirs_usd: '-1', line_items: "'=cmd(), 2", ours_usd: '' },
      { day: '2026-11-10', model: 'gpt-4o', status: 'drift', ours_usd: '2', theirs_usd: '1.5', difference_usd: '-0.5', call_ids: "'=1+1" },
    ])
  })
})

import { type LineStatus, type ReconcileQuestion, type Reconciliation, reconcile } from '../../engine/src/insights/reconcile/index.ts'
import { type Millis, picos, usdOfPicos } from '../../engine/src/kernel/index.ts'
import type { CallRecord } from '../../engine/src/ledger/index.ts'
import { createCardBook, type FxTable, fxTable, type RateCard } from '../../engine/src/pricing/index.ts'
import { cardWith, usageWith } from '../../engine/src/pricing/test-cards.ts'
import { type Meters, readCostReport, type ServiceTier } from '../../engine/src/usage/index.ts'
import { FocusWorld } from '../focus/world.ts'

function rate(meter: RateCard['rates'][number]['meter'], price: string, per = 1_000_000) {
  return { meter, price, per }
}

/** Rates that can be reckoned in the head: dollars for a million. */
const CARDS = [
  cardWith({
    seller: 'openai',
    model: 'gpt-4o',
    rates: [rate('input', '2'), rate('input.cache_read', '1'), rate('output', '10'), rate('output.audio', '40')],
  }),
  cardWith({ seller: 'openai', model: 'gpt-4o-mini', rates: [rate('input', '1'), rate('output', '5')] }),
  cardWith({ seller: 'openai', model: 'half-priced', rates: [rate('input', '1')] }),
  cardWith({ seller: 'openai', model: 'free', rates: [rate('input', '0'), rate('output', '0')] }),
  cardWith({ seller: 'openai', model: '*', rates: [rate('tool.web_search', '10', 1_000)] }),
  cardWith({
    seller: 'anthropic',
    model: 'claude',
    rates: [
      rate('input', '3'),
      rate('input.cache_read', '0.30'),
      rate('input.cache_write_5m', '3.75'),
      rate('input.cache_write_1h', '6'),
      rate('output', '15'),
    ],
  }),
]

const BOOK = createCardBook({
  cards: CARDS,
  aliases: [
    { seller: 'openai', name: 'gpt-4o-2024-08-06', match: 'equals', model: 'gpt-4o', validFrom: 0, validTo: null },
    { seller: 'anthropic', name: 'claude-20260101', match: 'equals', model: 'claude', validFrom: 0, validTo: null },
  ],
})

/** A call of a table: what it used, of which model, when. */
export interface TableCall {
  readonly id: string
  readonly at: string
  readonly model: string
  readonly seller?: string
  readonly tier?: ServiceTier
  readonly meters: Meters
  readonly failed?: true
  readonly organization?: string
}

/** What a provider says, shortly: by day, lines of a name, an amount and sometimes a quantity. */
export interface TableReport {
  readonly openai_costs?: Readonly<
    Record<string, readonly (readonly [name: string | null, usd: number, quantity?: number, about?: Readonly<Record<string, unknown>>])[]>
  >
  readonly openai_usage?: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>
  readonly anthropic_costs?: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>
  readonly anthropic_usage?: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>
}

/** The pages that a provider would have answered. */
export function pagesOf(report: TableReport): unknown[] {
  const seconds = (day: string) => Date.parse(`${day}T00:00:00Z`) / 1_000
  const inSeconds = (day: string) => ({ object: 'bucket', start_time: seconds(day), end_time: seconds(day) + 86_400 })
  const inText = (day: string) => ({ starting_at: `${day}T00:00:00Z`, ending_at: new Date((seconds(day) + 86_400) * 1_000).toISOString() })
  const page = (data: unknown[]) => ({ object: 'page', data, has_more: false, next_page: null })
  const pages: unknown[] = []
  if (report.openai_costs !== undefined) {
    const buckets = Object.entries(report.openai_costs).map(([day, lines]) => ({
      ...inSeconds(day),
      results: lines.map(([name, value, quantity, about]) => ({
        object: 'organization.costs.result',
        amount: { value, currency: 'usd' },
        line_item: name,
        quantity: quantity ?? null,
        ...about,
      })),
    }))
    pages.push(page(buckets))
  }
  for (const [key, named] of [
    ['openai_usage', { object: 'organization.usage.completions.result' }],
    ['anthropic_costs', { currency: 'USD' }],
    ['anthropic_usage', {}],
  ] as const) {
    const days = report[key]
    if (days === undefined) continue
    const when = key === 'openai_usage' ? inSeconds : inText
    pages.push(
      page(Object.entries(days).map(([day, results]) => ({ ...when(day), results: results.map((result) => ({ ...named, ...result })) }))),
    )
  }
  return pages
}

export class ReconcileWorld {
  readonly books: FocusWorld

  constructor(calls: readonly TableCall[] = []) {
    this.books = new FocusWorld(BOOK)
    for (const call of calls) this.post(call)
  }

  post({ id, at, model, seller = 'openai', tier, meters, failed, organization }: TableCall): void {
    const usage = usageWith(meters, { seller, model, at: Date.parse(at), ...(tier === undefined ? {} : { context: { tier } }) })
    const facts: Partial<CallRecord> = { id, success: failed !== true }
    this.books.call(usage, { ...facts, ...(organization === undefined ? {} : { organization }) })
  }

  async reconcile(
    pages: readonly unknown[],
    question: Partial<Omit<ReconcileQuestion, 'report'>> = {},
    fx: FxTable = fxTable([]),
  ): Promise<Reconciliation> {
    const report = readCostReport(pages)
    if (!report.ok) throw new Error(`${report.error.path}: ${report.error.detail}`)
    return reconcile(
      { ...this.books.sources(1_000), book: BOOK, fx, breathe: async () => undefined },
      {
        scope: { organization: 'org' },
        atLeast: this.books.entries.length,
        report: report.value,
        filter: { projects: [], workspaces: [], apiKeys: [] },
        tolerance: HALF_A_CENT,
        now: FAR,
        callIdsMax: 10,
        ...question,
      },
    )
  }
}

const HALF_A_CENT = picos(5_000_000_000n)

/** Long after every day of a table, so that all of them are final. */
const FAR: Millis = Date.parse('2027-01-01T00:00:00Z')

/** A line as a table writes it. */
export interface TableLine {
  readonly day: string
  readonly model: string | null
  readonly meter: string | null
  readonly status: LineStatus
  readonly within: boolean
  readonly ours: string | null
  readonly theirs: string | null
  readonly difference: string | null
  readonly quantities: readonly (string | null)[]
  readonly calls: readonly string[]
  readonly names: readonly string[]
  readonly reasons: readonly string[]
}

export function tableLines({ lines }: Reconciliation): TableLine[] {
  const usd = (amount: Parameters<typeof usdOfPicos>[0] | null | undefined) =>
    amount === null || amount === undefined ? null : usdOfPicos(amount)
  return lines.map(({ day, model, meter, status, withinTolerance, ours, theirs, difference, reasons }) => ({
    day: new Date(day).toISOString().slice(0, 10),
    model,
    meter,
    status,
    within: withinTolerance,
    ours: usd(ours?.amount),
    theirs: usd(theirs?.amount),
    difference: usd(difference),
    quantities: [ours?.quantity?.toString() ?? null, theirs?.quantity?.toString() ?? null],
    calls: ours?.callIds ?? [],
    names: theirs?.names ?? [],
    reasons: reasons.map(({ code }) => code),
  }))
}

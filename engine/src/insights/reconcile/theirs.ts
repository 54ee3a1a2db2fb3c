import { type Picos, picos, picosOfDecimal, type Span } from '../../kernel/index.ts'
import { convert, type FxTable } from '../../pricing/index.ts'
import type { CostReport, ReportedLine } from '../../usage/index.ts'
import { comparedMeter, isFee } from './compared-meter.ts'
import type { Identity } from './identity.ts'
import { dayOf, keyText, type LineKey } from './key.ts'
import type { ReportFilter } from './records.ts'

/** What a provider reports for a day, model and meter, as it is added up. */
export interface TheirCell {
  readonly key: LineKey
  /** In US dollars; null where no line has an amount. */
  amount: Picos | null
  /** Currencies of lines for which no rate is known: the amount does not hold them. */
  readonly unknownCurrencies: Set<string>
  /** By the costs themselves where those count, else by the report of usage. */
  readonly quantity: { cost: bigint | null; usage: bigint | null }
  requests: number | null
  readonly names: Set<string>
  readonly tiers: Set<string>
  /** Who it was for on the provider's side, as far as the report tells that apart. */
  readonly owners: Set<string>
}

export interface TheirCells {
  readonly cells: Map<string, TheirCell>
  /** Currencies that were converted, with the days of the rates. */
  readonly converted: Map<string, Set<string>>
}

export interface TheirQuestion {
  readonly covered: readonly Span[]
  readonly detail: 'meter' | 'quantity' | 'day'
}

const NAMES_MAX = 20

/** The lines of a report that a filter lets through, added up. */
export function theirCells(
  lines: readonly ReportedLine[],
  { seller }: Pick<CostReport, 'seller'>,
  question: TheirQuestion,
  identity: Identity,
  fx: FxTable,
): TheirCells {
  const found: TheirCells = { cells: new Map(), converted: new Map() }
  for (const line of lines) {
    const key = keyOf(line, seller, question, identity)
    const text = keyText(key)
    const cell = found.cells.get(text) ?? emptyCell(key)
    found.cells.set(text, cell)
    addLine(cell, line)
    if (line.amount !== null && line.currency !== null) addAmount(found, cell, line, line.amount, line.currency, fx)
  }
  return found
}

/** Whether a line is one of those that are asked about. */
export function passes(filter: ReportFilter, line: ReportedLine): boolean {
  const isIn = (list: readonly string[], value: string | null): boolean => list.length === 0 || (value !== null && list.includes(value))
  return isIn(filter.projects, line.project) && isIn(filter.workspaces, line.workspace ?? 'default') && isIn(filter.apiKeys, line.apiKey)
}

function keyOf(line: ReportedLine, seller: CostReport['seller'], { detail }: TheirQuestion, identity: Identity): LineKey {
  const day = dayOf(line.span.start)
  if (detail === 'day') return { day, model: null, meter: null, name: null }
  const model = line.model === null || detail === 'quantity' ? null : identity(line.model, line.span.start)
  if (line.meter === null) return { day, model, meter: null, name: line.name ?? NO_NAME }
  const meter = comparedMeter(seller, line.meter)
  return { day, model: isFee(meter) ? null : model, meter, name: null }
}

/** What stands for a line that the provider itself does not name. */
const NO_NAME = '(no name)'

function addLine(cell: TheirCell, line: ReportedLine): void {
  if (cell.names.size < NAMES_MAX && line.name !== null) cell.names.add(line.name)
  if (line.quantity !== null) cell.quantity[line.kind] = (cell.quantity[line.kind] ?? 0n) + line.quantity
  if (line.requests !== null) cell.requests = (cell.requests ?? 0) + line.requests
  if (line.tier !== null) cell.tiers.add(line.tier)
  const owner = [line.project, line.workspace, line.apiKey].filter((part) => part !== null).join(' ')
  if (owner !== '') cell.owners.add(owner)
}

function addAmount(
  found: TheirCells,
  cell: TheirCell,
  { span }: ReportedLine,
  amount: NonNullable<ReportedLine['amount']>,
  currency: string,
  fx: FxTable,
): void {
  const dollars = convert(fx, { amount, from: currency, to: 'USD', at: span.start })
  if ('unknown' in dollars) {
    cell.unknownCurrencies.add(dollars.unknown)
    return
  }
  cell.amount = picos((cell.amount ?? 0n) + picosOfDecimal(dollars.amount))
  for (const { asOf } of dollars.used) found.converted.set(currency, (found.converted.get(currency) ?? new Set()).add(asOf))
}

function emptyCell(key: LineKey): TheirCell {
  return {
    key,
    amount: null,
    unknownCurrencies: new Set(),
    quantity: { cost: null, usage: null },
    requests: null,
    names: new Set(),
    tiers: new Set(),
    owners: new Set(),
  }
}

/** What of it was used: the invoice's own count before that of the usage report. */
export function quantityOf({ quantity }: TheirCell): bigint | null {
  return quantity.cost ?? quantity.usage
}

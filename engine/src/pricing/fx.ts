import { type Decimal, formatInstant, type Millis, parseDecimal } from '../kernel/index.ts'
import type { FxRate } from './records.ts'

/** Dated currency rates, ready to be asked. Immutable. */
export interface FxTable {
  readonly byCurrency: ReadonlyMap<string, readonly FxRate[]>
}

/** Builds a table. Of two rates for one day the one appended later holds, so that a correction is an append. */
export function fxTable(rates: readonly FxRate[]): FxTable {
  const byCurrency = new Map<string, Map<string, FxRate>>()
  for (const rate of rates) {
    const days = byCurrency.get(rate.currency) ?? new Map<string, FxRate>()
    days.set(rate.asOf, rate)
    byCurrency.set(rate.currency, days)
  }
  const sorted = [...byCurrency].map(
    ([currency, days]) => [currency, [...days.values()].sort((a, b) => (a.asOf < b.asOf ? 1 : -1))] as const,
  )
  return { byCurrency: new Map(sorted) }
}

export const NO_FX: FxTable = fxTable([])

/** The rate of the usage's UTC day, or the nearest day before it; null when there is none. Never a later one, never an invented one. */
export function fxRateAt(table: FxTable, currency: string, at: Millis): { rate: FxRate; usdPerUnit: Decimal } | null {
  const day = formatInstant(at).slice(0, 10)
  const rate = table.byCurrency.get(currency)?.find((candidate) => candidate.asOf <= day)
  if (rate === undefined) return null
  const usdPerUnit = parseDecimal(rate.usdPerUnit)
  return usdPerUnit === null || usdPerUnit.digits <= 0n ? null : { rate, usdPerUnit }
}

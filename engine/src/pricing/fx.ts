import { type Decimal, divideHalfEven, formatInstant, type Millis, parseDecimal } from '../kernel/index.ts'
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

/** An amount in another currency, by the rates that hold at a time. */
export interface Conversion {
  readonly amount: Decimal
  /** Units of the target for one of the source; rounded at the eighteenth decimal where the quotient does not end before. */
  readonly rate: Decimal
  /** The rates it was made of; none where both are the same currency, and none for US dollars. */
  readonly used: readonly FxRate[]
}

/**
 * Converts by way of US dollars. The amount is computed from the two rates, not from their rounded quotient, and rounded once, half to even,
 * at the twelfth decimal. For a currency without a rate the answer is its code.
 */
export function convert(
  table: FxTable,
  { amount, from, to, at }: { readonly amount: Decimal; readonly from: string; readonly to: string; readonly at: Millis },
): Conversion | { readonly unknown: string } {
  if (from === to) return { amount: rounded(amount, 12), rate: ONE, used: [] }
  const source = from === 'USD' ? null : fxRateAt(table, from, at)
  const target = to === 'USD' ? null : fxRateAt(table, to, at)
  if (from !== 'USD' && source === null) return { unknown: from }
  if (to !== 'USD' && target === null) return { unknown: to }
  const numerator = source?.usdPerUnit ?? ONE
  const denominator = target?.usdPerUnit ?? ONE
  const product = { digits: amount.digits * numerator.digits, scale: amount.scale + numerator.scale }
  return {
    amount: quotient(product, denominator, 12),
    rate: quotient(numerator, denominator, 18),
    used: [source, target].flatMap((known) => (known === null ? [] : [known.rate])),
  }
}

const ONE: Decimal = { digits: 1n, scale: 0 }

function rounded(value: Decimal, decimals: number): Decimal {
  return value.scale <= decimals ? value : quotient(value, ONE, decimals)
}

/** A quotient with so many decimals, rounded half to even. */
function quotient(dividend: Decimal, divisor: Decimal, decimals: number): Decimal {
  const shift = decimals + divisor.scale - dividend.scale
  const digits = shift >= 0 ? dividend.digits * 10n ** BigInt(shift) : dividend.digits
  const by = shift >= 0 ? divisor.digits : divisor.digits * 10n ** BigInt(-shift)
  return { digits: divideHalfEven(digits, by), scale: decimals }
}

import { type Decimal, divideHalfEven, fail, type Millis, ok, PICOS_PER_USD, type Picos, type Result, refusal } from '../../kernel/index.ts'
import { type FxTable, fxRateAt } from '../../pricing/index.ts'

/** A currency as an invoice is written in it: its smallest unit, and what a dollar is in it. */
export interface Currency {
  readonly code: string
  /** Decimals of the currency (ISO 4217): 2 for most, 0 for the yen, 3 for the dinar. */
  readonly decimals: number
  readonly rate: { readonly usd_per_unit: string; readonly as_of: string; readonly source: string } | null
  /** Dollars for one unit. */
  readonly usdPerUnit: Decimal
}

/** The currency with the exchange rate of a day; refuses one that does not exist, or that there is no rate for by then: none is invented. */
export function currencyAt(code: string, fx: FxTable, at: Millis): Result<Currency> {
  const decimals = decimalsOf(code)
  if (decimals === null) return fail(refusal('invalid_field', `"${code}" is no currency of ISO 4217`, { path: '/currency' }))
  if (code === 'USD') return ok({ code, decimals, rate: null, usdPerUnit: { digits: 1n, scale: 0 } })
  const found = fxRateAt(fx, code, at)
  if (found === null) {
    return fail(
      refusal('invalid_field', `there is no exchange rate for ${code} by that day; set one with PUT /v1/finops/fx`, { path: '/currency' }),
    )
  }
  const { usdPerUnit, asOf, source } = found.rate
  return ok({ code, decimals, rate: { usd_per_unit: usdPerUnit, as_of: asOf, source }, usdPerUnit: found.usdPerUnit })
}

function decimalsOf(code: string): number | null {
  if (!Intl.supportedValuesOf('currency').includes(code)) return null
  return new Intl.NumberFormat('en', { style: 'currency', currency: code }).resolvedOptions().maximumFractionDigits ?? 2
}

/** Dollars, with so many percent on top, in smallest units of a currency: rounded once, half to even. */
export function inUnits(amount: Picos, { decimals, usdPerUnit }: Currency, markup: Decimal): bigint {
  const percent = 100n * 10n ** BigInt(markup.scale) + markup.digits
  const dividend = amount * percent * 10n ** BigInt(decimals) * 10n ** BigInt(usdPerUnit.scale)
  return divideHalfEven(dividend, PICOS_PER_USD * 100n * 10n ** BigInt(markup.scale) * usdPerUnit.digits)
}

/** Smallest units as text with the decimals of the currency: 1205 cents are 12.05. */
export function unitsText(units: bigint, decimals: number): string {
  const digits = (units < 0n ? -units : units).toString().padStart(decimals + 1, '0')
  const whole = digits.slice(0, digits.length - decimals)
  const fraction = digits.slice(digits.length - decimals)
  return `${units < 0n ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`
}

/** The inverse of `unitsText`; null for text with other decimals. */
export function unitsOfText(text: string, decimals: number): bigint | null {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text)
  const fraction = match?.[3] ?? ''
  if (match === null || fraction.length > decimals) return null
  const units = BigInt(`${match[2]}${fraction.padEnd(decimals, '0')}`)
  return match[1] === '-' ? -units : units
}

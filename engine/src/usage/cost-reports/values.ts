import { type Decimal, decimalOfNumber, ok, parseDecimal, type Result } from '../../kernel/index.ts'
import type { JsonObject } from '../payload/json.ts'
import { shown, unreadable } from './faults.ts'

/**
 * An amount as text or as a JSON number, exact: of a number the shortest text that reads back to it is taken, which is what the provider wrote for
 * every literal of up to fifteen significant digits. `cents`: the amount is in hundredths.
 */
export function readAmount(value: unknown, path: string, unit: 'whole' | 'cents'): Result<Decimal> {
  const decimal = typeof value === 'number' ? decimalOfNumber(value) : typeof value === 'string' ? parseDecimal(value.trim()) : null
  if (decimal === null) return unreadable(path, `an amount is a decimal number, not ${shown(value)}`)
  return ok(unit === 'cents' ? { digits: decimal.digits, scale: decimal.scale + 2 } : decimal)
}

const CURRENCY = /^[A-Za-z]{3}$/

export function readCurrency(value: unknown, path: string): Result<string> {
  if (typeof value === 'string' && CURRENCY.test(value)) return ok(value.toUpperCase())
  return unreadable(path, `a currency has three letters, unlike ${shown(value)}`)
}

const WHOLE = /^-?\d{1,18}(?:\.0+)?$/

/** A whole number of units, as a number or as digits; undefined where it is not said. */
export function readCount(source: JsonObject, key: string, path: string): Result<bigint | null> {
  const value = source[key]
  if (value === undefined || value === null) return ok(null)
  const text = typeof value === 'number' ? String(value) : typeof value === 'string' ? value.trim() : ''
  if (WHOLE.test(text)) return ok(BigInt(text.replace(/\.0+$/, '')))
  return unreadable(`${path}/${key}`, `${key} is a whole number, not ${shown(value)}`)
}

import { decimalOfNumber, parseDecimal } from '../../kernel/index.ts'

/** A stated amount as plain decimal text (no exponent), or null for what is no non-negative amount. `scale` shifts by powers of ten. */
export function decimalText(value: unknown, scale = 0): string | null {
  const decimal = typeof value === 'number' ? decimalOfNumber(value) : typeof value === 'string' ? parseDecimal(value) : null
  if (decimal === null || decimal.digits < 0n) return null
  const places = decimal.scale + scale
  if (places === 0) return decimal.digits.toString()
  const digits = decimal.digits.toString().padStart(places + 1, '0')
  const fraction = digits.slice(-places).replace(/0+$/, '')
  return `${digits.slice(0, -places)}${fraction === '' ? '' : `.${fraction}`}`
}

import { type Picos, picos } from '../../../kernel/index.ts'

/** PostgreSQL's text holds any character but NUL, so NUL is written `\0`, and a backslash twice. Nothing is written `\e`: a setting that is not set is empty. */
export function storedText(text: string): string {
  if (text === '') return NOTHING
  return ESCAPED.test(text) ? text.replace(EACH_ESCAPED, (char) => (char === '\0' ? '\\0' : '\\\\')) : text
}

/** The inverse of `storedText`. */
export function textOfStored(stored: string): string {
  if (stored === NOTHING) return ''
  return stored.includes('\\') ? stored.replace(/\\([\\0])/g, (_, char: string) => (char === '0' ? '\0' : '\\')) : stored
}

const NOTHING = '\\e'
const ESCAPED = new RegExp(`[\\\\${String.fromCharCode(0)}]`)
const EACH_ESCAPED = new RegExp(ESCAPED, 'g')

/** Stands for no organization, where the organization is part of a key. No organization is stored so. */
export const WHOLE_INSTALLATION = '\\*'

export function storedOrganization(organization: string | null): string {
  return organization === null ? WHOLE_INSTALLATION : storedText(organization)
}

export function organizationOfStored(stored: string): string | null {
  return stored === WHOLE_INSTALLATION ? null : textOfStored(stored)
}

/** Picos → USD with twelve decimals, for a column `NUMERIC(38,12)`: exact, as text, never a float. */
export function numericOfPicos(amount: Picos): string {
  const digits = (amount < 0n ? -amount : amount).toString().padStart(DECIMALS + 1, '0')
  return `${amount < 0n ? '-' : ''}${digits.slice(0, -DECIMALS)}.${digits.slice(-DECIMALS)}`
}

/** The inverse of `numericOfPicos`; such a column always gives its twelve decimals. */
export function picosOfNumeric(text: string): Picos {
  const point = text.length - DECIMALS - 1
  return picos(BigInt(text.slice(0, point) + text.slice(point + 1)))
}

const DECIMALS = 12

/** An array of texts as PostgreSQL reads it. One parameter carries a whole column of rows. */
export function textArray(values: readonly (string | null)[]): string {
  return `{${values.map((value) => (value === null ? 'NULL' : `"${value.replace(/["\\]/g, '\\$&')}"`)).join(',')}}`
}

/**
 * An array of JSON texts as PostgreSQL reads it. JSON has no control characters, and of all others a JSON string quotes the same two as such an array does;
 * the engine's own quoting takes a third of the time, which is felt: most bytes of a batch are bodies.
 */
export function bodyArray(bodies: readonly string[]): string {
  return `{${bodies.map((body) => JSON.stringify(body)).join(',')}}`
}

/** An array of numbers as PostgreSQL reads it. */
export function numberArray(values: readonly (string | number | null)[]): string {
  return `{${values.map((value) => value ?? 'NULL').join(',')}}`
}

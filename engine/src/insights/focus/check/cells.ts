import { type Decimal, type Millis, parseDecimal } from '../../../kernel/index.ts'

/** Words that stand for nothing in some files. FOCUS has null for that, which is an empty field of a CSV file. */
export const NULL_WORDS: ReadonlySet<string> = new Set(['NULL', 'Null', 'null', 'N/A', 'n/a', 'NaN', 'nan', '\\N'])

const NUMERIC = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/
const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/

/** One row of a file, asked by the names of its columns. What is not there, is empty, or is a word for nothing, is null. */
export class Cells {
  readonly #places: ReadonlyMap<string, number>
  readonly #cells: readonly (string | null)[]

  constructor(places: ReadonlyMap<string, number>, cells: readonly (string | null)[]) {
    this.#places = places
    this.#cells = cells
  }

  /** Whether it has a cell for each column, and none more. */
  get isWhole(): boolean {
    return this.#cells.length === this.#places.size
  }

  /** As it stands in the file. */
  raw(column: string): string | null {
    const place = this.#places.get(column)
    return place === undefined ? null : (this.#cells[place] ?? null)
  }

  text(column: string): string | null {
    const raw = this.raw(column)
    return raw === null || raw === '' || NULL_WORDS.has(raw) ? null : raw
  }

  isNull(column: string): boolean {
    return this.text(column) === null
  }

  /** Null also where it is no number: that is another rule's matter. */
  decimal(column: string): Decimal | null {
    const text = this.text(column)
    return text === null || !isNumeric(text) ? null : parseDecimal(text)
  }

  time(column: string): Millis | null {
    const text = this.text(column)
    return text === null ? null : timeOf(text)
  }
}

/** Plain or with an exponent, a point for the decimals, no plus sign, no separator. */
export function isNumeric(text: string): boolean {
  return NUMERIC.test(text) && parseDecimal(text) !== null
}

/** `YYYY-MM-DDTHH:mm:ssZ`, and a time that exists; null for anything else. */
export function timeOf(text: string): Millis | null {
  const known = times.get(text)
  if (known !== undefined) return known
  if (!DATE_TIME.test(text)) return null
  const at = Date.parse(text)
  if (Number.isNaN(at) || `${new Date(at).toISOString().slice(0, 19)}Z` !== text) return null
  if (times.size >= TIMES_KEPT_MAX) times.clear()
  times.set(text, at)
  return at
}

/** The last few times: rows of one period follow each other. */
const TIMES_KEPT_MAX = 256
const times = new Map<string, Millis>()

/** A flat object of JSON whose keys are unique and whose values are texts, numbers, booleans or null; null for anything else. */
export function keyValuesOf(text: string): Readonly<Record<string, unknown>> | null {
  const value = objectOf(text)
  if (value === null) return null
  const values = Object.values(value)
  if (values.some((item) => typeof item === 'object' && item !== null)) return null
  // In a flat object a text before a colon is a key; a parser keeps only the last of two keys with one name.
  const keys = text.match(/"(?:[^"\\]|\\.)*"\s*:/g) ?? []
  return keys.length === values.length ? value : null
}

export function objectOf(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}

const NATIONAL: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'))

/** A code of ISO 4217. */
export function isNationalCurrency(text: string): boolean {
  return NATIONAL.has(text)
}

const DATA_UNIT = /^(?:[KMGTPE]i?)?[Bb]$/
const WORDS = /^v?[A-Z][A-Za-z0-9]*(?: v?[A-Z][A-Za-z0-9]*)*$/
const QUANTITY = /^[1-9]\d* /

/** `Tokens`, `1000000 Tokens`, `Token-Hours`, `GB/Hour`: words with capitals in the plural; what they are divided by may be singular. */
export function isUnit(text: string): boolean {
  const [units = '', by, ...more] = text.split('/')
  const parts = units.replace(QUANTITY, '').split('-')
  const last = parts.at(-1) ?? ''
  const isPlural = last.endsWith('s') || DATA_UNIT.test(last)
  return more.length === 0 && isPlural && parts.every((part) => WORDS.test(part)) && (by === undefined || isDivisor(by))
}

function isDivisor(text: string): boolean {
  return text
    .replace(QUANTITY, '')
    .split('-')
    .every((part) => WORDS.test(part))
}

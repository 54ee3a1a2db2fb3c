import { columnsOf, type FocusColumn, type FocusVersion } from '../columns.ts'
import { type Cells, isNationalCurrency, isNumeric, isUnit, keyValuesOf, objectOf, timeOf } from './cells.ts'
import { type FocusRule, rowRule } from './rule.ts'

/** The rules that the table of columns makes: each column is there where it must be, not null where it may not be, and of its format. */
export function columnRules(version: FocusVersion): FocusRule[] {
  return columnsOf(version).flatMap((column) => [
    presence(column),
    ...nullability(column),
    ...formatRules(column),
    ...allowedValues(column),
  ])
}

function presence({ name, level, condition }: FocusColumn): FocusRule {
  const verb = level === 'recommended' ? 'should' : 'must'
  return {
    id: `${name}.present`,
    text: `${name} ${verb} be there${condition === undefined ? '' : ` (${condition})`}`,
    severity: verb,
    columns: [],
    watch: ({ has, supports }) => {
      if (has(name)) return {}
      if (condition !== undefined && !supports(condition)) return `no column of "${condition}" is there: taken as not supported`
      return { end: () => [`the column ${name} is missing`] }
    },
  }
}

function nullability({ name, nulls }: FocusColumn): FocusRule[] {
  return nulls ? [] : [rowRule(`${name}.not-null`, [name], `${name} must not be null`, (cells) => cells.isNull(name))]
}

function allowedValues({ name, values }: FocusColumn): FocusRule[] {
  if (values === undefined) return []
  const breaks = (cells: Cells): boolean => {
    const text = cells.text(name)
    return text !== null && !values.includes(text)
  }
  return [rowRule(`${name}.values`, [name], `${name} must be one of ${values.join(', ')}`, breaks)]
}

function formatRules({ name, type, format }: FocusColumn): FocusRule[] {
  if (type === 'decimal') {
    const rules = [formatRule(name, 'a plain decimal number', isNumeric)]
    return format === 'non-negative' ? [...rules, notNegative(name)] : rules
  }
  if (type === 'datetime') return [formatRule(name, 'a time of UTC like 2026-01-31T00:00:00Z', (text) => timeOf(text) !== null)]
  if (format === 'key-value') return [formatRule(name, 'one flat JSON object with unique keys', (text) => keyValuesOf(text) !== null)]
  if (format === 'object') return [formatRule(name, 'a JSON object', (text) => objectOf(text) !== null)]
  if (format === 'unit') return [formatRule(name, 'a unit like Tokens, 1000000 Tokens, Token-Hours or GB/Hour', isUnit)]
  if (name === 'BillingCurrency') return [formatRule(name, 'a national currency, by its code of ISO 4217', isNationalCurrency)]
  // A virtual currency has a name of any kind; a name has no space around it.
  return format === 'currency' ? [formatRule(name, 'a currency', (text) => text.trim() === text)] : []
}

function formatRule(name: string, words: string, accepts: (text: string) => boolean): FocusRule {
  return rowRule(`${name}.format`, [name], `${name} must be ${words}`, (cells) => {
    const text = cells.text(name)
    return text !== null && !accepts(text)
  })
}

function notNegative(name: string): FocusRule {
  return rowRule(`${name}.not-negative`, [name], `${name} must not be negative`, (cells) => (cells.decimal(name)?.digits ?? 0n) < 0n)
}

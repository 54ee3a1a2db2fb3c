import { type DuckDBType, type DuckDBValue, LIST, listValue, VARCHAR } from '@duckdb/node-api'
import type { CallQuery, Dimension, Filter, FixedDimension, OrganizationScope } from '../../calls/index.ts'
import { assert, type Millis } from '../../kernel/index.ts'
import { DIMENSION_COLUMNS } from './rollup/rollup.ts'

/** Values bound to a statement, never written into its text. */
export interface Bindings {
  readonly values: DuckDBValue[]
  readonly types: DuckDBType[]
}

export function bindings(): Bindings {
  return { values: [], types: [] }
}

/** Binds a value and returns its placeholder. */
export function bind(to: Bindings, value: DuckDBValue, type: DuckDBType = VARCHAR): string {
  to.values.push(value)
  to.types.push(type)
  return `$${to.values.length}`
}

/** `column` is one of some texts. One is compared directly and several are joined: either way the planner skips blocks without them. */
export function isOneOf(to: Bindings, column: string, values: readonly string[]): string {
  const [only] = values
  if (only !== undefined && values.length === 1) return `${column} = ${bind(to, only)}`
  return `${column} IN (SELECT unnest(${bind(to, listValue([...values]), LIST(VARCHAR))}))`
}

/** Reads a dimension from a row of `calls`. */
export function callDimension(to: Bindings, dimension: Dimension): string {
  if (dimension.startsWith('tag:')) return `tags[${bind(to, dimension.slice('tag:'.length))}]`
  return DIMENSION_COLUMNS[dimension as FixedDimension]
}

/** The organization's own rows. Every statement that reads rows for a caller has this condition. */
export function scopeCondition(to: Bindings, scope: OrganizationScope, column = 'organization'): string {
  return 'organization' in scope ? `${column} = ${bind(to, scope.organization)}` : 'TRUE'
}

/** `column` is made only if it is used: a value that is bound must occur in the statement. */
export function filterCondition(to: Bindings, filter: Filter, column: () => string): string {
  if (filter.in.length === 0) return 'FALSE'
  const name = column()
  const values = filter.in.filter((value) => value !== null)
  const choices = values.length === 0 ? [] : [listed(to, name, values)]
  if (filter.in.includes(null)) choices.push(`${name} IS NULL`)
  return `(${choices.join(' OR ')})`
}

/** Few values as they are; many as one list to join with, which is planned in no time. */
function listed(to: Bindings, name: string, values: readonly string[]): string {
  return values.length > LISTED_MAX ? isOneOf(to, name, values) : `${name} IN (${values.map((value) => bind(to, value)).join(', ')})`
}

const LISTED_MAX = 20

/** `column` in `[from, to)`. Times are whole numbers, so they are written as such: the planner then skips what lies outside. */
export function timeConditions(column: string, from: Millis | undefined, to: Millis | undefined): string[] {
  const conditions: string[] = []
  if (from !== undefined) conditions.push(`${column} >= ${wholeNumber(from)}`)
  if (to !== undefined) conditions.push(`${column} < ${wholeNumber(to)}`)
  return conditions
}

/** Everything a query says about rows of `calls`. */
export function callConditions(to: Bindings, query: Omit<CallQuery, 'atLeast'>): string {
  return [
    scopeCondition(to, query.scope),
    ...timeConditions('called_at', query.from, query.to),
    ...(query.where ?? []).map((filter) => filterCondition(to, filter, () => callDimension(to, filter.dimension))),
  ].join(' AND ')
}

export function wholeNumber(value: number): string {
  assert(Number.isSafeInteger(value), 'a number written into a statement is whole')
  return String(value)
}

import type { Dimension, Filter } from '../../calls/index.ts'
import { fail, ok, type Result, refusal } from '../../kernel/index.ts'
import { dimensionOf } from './question.ts'

/** A filter by any dimensions: of each a value or several, null for calls that do not say. */
export type StatedWhere = Readonly<Record<string, string | null | readonly (string | null)[]>>

/** Refuses `unknown_dimension` with the path of the name. */
export function filtersWhere(where: StatedWhere | undefined, path: string): Result<Filter[]> {
  const filters: Filter[] = []
  for (const [name, value] of Object.entries(where ?? {})) {
    const dimension = dimensionOf(name, `${path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`)
    if (!dimension.ok) return dimension
    filters.push(filterOf(dimension.value, value))
  }
  return ok(filters)
}

function filterOf(dimension: Dimension, value: StatedWhere[string]): Filter {
  return { dimension, in: typeof value === 'string' || value === null ? [value] : value }
}

/** The same as the text of a query: `team=core,web;tag:task=x`. Refuses `invalid_field` and `unknown_dimension` with the path of the text. */
export function filtersOfText(text: string | undefined, path: string): Result<Filter[]> {
  const filters: Filter[] = []
  for (const part of text === undefined || text.trim() === '' ? [] : text.split(';')) {
    const cut = part.indexOf('=')
    if (cut <= 0) return fail(refusal('invalid_field', `"${part.slice(0, 80)}" is not dimension=value`, { path }))
    const dimension = dimensionOf(part.slice(0, cut).trim(), path)
    if (!dimension.ok) return dimension
    const values = part.slice(cut + 1).split(',')
    filters.push({ dimension: dimension.value, in: values.map((value) => value.trim()) })
  }
  return ok(filters)
}

import type { Dimension, Filter } from '../../calls/index.ts'
import { ok, type Result } from '../../kernel/index.ts'
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

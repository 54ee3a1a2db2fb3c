import type { Dimension } from '../../calls/index.ts'
import { fail, type Result } from '../../kernel/index.ts'
import { dimensionOf } from '../wire/question.ts'

/** The spelling of this family for a dimension of ours: `cost_center` is `costCenter`. A tag keeps its name. */
export function camelDimension(dimension: string): string {
  return dimension.startsWith('tag:') ? dimension : dimension.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

/** A dimension as this family or ours spells it, in our spelling. */
export function snakeDimension(name: string): string {
  return name.startsWith('tag:') ? name : name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

/** The dimension that a field of this family names. */
export function statedDimension(name: string, path: string): Result<Dimension> {
  const plain = snakeDimension(name)
  return dimensionOf(ALIASES.get(plain) ?? plain, path)
}

const ALIASES: ReadonlyMap<string, string> = new Map([
  ['agent_id', 'agent'],
  ['model_id', 'model'],
])

/** A refusal that points to the fields of this family, where it points to those of ours. */
export function inCamel<T>(result: Result<T>, renamed: Readonly<Record<string, string>> = {}): Result<T> {
  if (result.ok || result.error.path === undefined) return result
  const { path } = result.error
  const camel = path.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
  return fail({ ...result.error, path: renamed[path] ?? camel })
}

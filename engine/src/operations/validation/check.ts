import type { Static, TSchema } from '@sinclair/typebox'
import { type TypeCheck, TypeCompiler, type ValueError, ValueErrorType } from '@sinclair/typebox/compiler'
import { fail, LIMITS, ok, type Refusal, type Result, refusal } from '../../kernel/index.ts'
import { brokenTextAt, isWellFormed } from './broken-text.ts'
import { isTooDeep } from './depth.ts'
import { expectedBy } from './expected.ts'

/** Checks an input against a schema that is compiled once. */
export interface Check<Schema extends TSchema> {
  accepts(value: unknown): value is Static<Schema>
  /** Why a value that was not accepted was not. */
  explain(value: unknown): Refusal
  (value: unknown): Result<Static<Schema>>
}

/**
 * Checks by a function that the schema is compiled to when it is first asked, which takes a few milliseconds: a hundred of them would be a part
 * of every start. From then on checking a call takes a fraction of a microsecond.
 */
export function compileCheck<Schema extends TSchema>(schema: Schema): Check<Schema> {
  let made: TypeCheck<Schema> | null = null
  const compiled = (): TypeCheck<Schema> => {
    made ??= TypeCompiler.Compile(schema)
    return made
  }
  const properties: Readonly<Record<string, Members>> = (schema as Members).properties ?? {}
  const open = new Set(Object.keys(properties).filter((name) => isOpen(properties[name])))
  const accepts = (value: unknown): value is Static<Schema> => compiled().Check(value) && isWellFormed(value, open)
  const explain = (value: unknown): Refusal => {
    if (isTooDeep(value)) return tooDeep()
    const wrong = explainFirst(compiled().Errors(value), Object.keys(properties))
    if (wrong !== null) return wrong
    const path = brokenTextAt(value, open)
    return path === null ? refusal('invalid_field', 'the value is not accepted') : brokenText(path)
  }
  const check = (value: unknown): Result<Static<Schema>> => (accepts(value) ? ok(value) : fail(explain(value)))
  return Object.assign(check, { accepts, explain })
}

interface Members {
  readonly type?: string
  readonly anyOf?: readonly unknown[]
  readonly items?: Members
  readonly properties?: Readonly<Record<string, Members>>
}

/** Whether a schema says nothing about a value, or about the items of a list. */
function isOpen(schema: Members | undefined): boolean {
  if (schema?.type === 'array') return isOpen(schema.items)
  return schema !== undefined && schema.type === undefined && schema.anyOf === undefined
}

function brokenText(path: string): Refusal {
  return refusal('invalid_field', 'the text holds half of a surrogate pair, which is no character', { path: path.slice(0, PATH_CHARS_MAX) })
}

export function tooDeep(path = ''): Refusal {
  return refusal('too_deep', `the document nests deeper than ${LIMITS.jsonDepthMax} levels`, { path })
}

const COUNTED_MAX = 100
const PATH_CHARS_MAX = 300

/** The first thing that is wrong, and how many fields are; null when the schema has nothing against the value. */
function explainFirst(errors: Iterable<ValueError>, known: readonly string[]): Refusal | null {
  let first: ValueError | null = null
  const paths = new Set<string>()
  for (const error of errors) {
    first ??= innermost(error)
    paths.add(error.path)
    if (paths.size >= COUNTED_MAX) break
  }
  if (first === null) return null
  const where = { path: first.path.slice(0, PATH_CHARS_MAX), ...(paths.size < 2 ? {} : { facts: { wrong_fields: paths.size } }) }
  const field = first.path.slice(first.path.lastIndexOf('/') + 1, PATH_CHARS_MAX)
  if (first.type === ValueErrorType.ObjectRequiredProperty) return refusal('missing_field', `"${field}" is required`, where)
  if (first.type === ValueErrorType.ObjectAdditionalProperties) return refusal('unknown_field', unknownField(field, known), where)
  return refusal('invalid_field', `expected ${expectedBy(first.schema)}, got ${shown(first.value)}`, where)
}

/** Of a field that may be null, the error of what it is when it is not null. */
function innermost(error: ValueError): ValueError {
  const parts = (error.schema as { anyOf?: readonly { readonly type?: string }[] }).anyOf ?? []
  if (error.type !== ValueErrorType.Union || error.value === null || typeof error.value !== 'object') return error
  const objects = parts.flatMap((part, index) => (part.type === 'object' || part.type === 'array' ? [index] : []))
  const inner = objects.length === 1 ? error.errors[objects[0] ?? 0]?.First() : undefined
  return inner === undefined ? error : innermost(inner)
}

function unknownField(field: string, known: readonly string[]): string {
  const plain = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
  const meant = known.find((name) => plain(name) === plain(field))
  return `there is no field "${field}"${meant === undefined ? '' : `; did you mean "${meant}"?`}`
}

function shown(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return value.length === 1 ? 'a list of one item' : `a list of ${value.length} items`
  if (typeof value === 'string') return value.length > 60 ? `text of ${value.length} characters` : JSON.stringify(value)
  if (typeof value === 'object') return 'an object'
  return String(value)
}

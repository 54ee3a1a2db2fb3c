import { type Endpoint, pathParameters, readsQuery } from '@purser/contract'
import type { FastifyRequest } from 'fastify'
import { fail, ok, type Result, refusal } from '../../kernel/index.ts'

type Fields = Record<string, unknown>

/** Makes the function that gathers an operation's input from path, query or body. Made once per route. */
export function inputReader(endpoint: Endpoint): (request: FastifyRequest) => Result<unknown> {
  const inPath = pathParameters(endpoint.path)
  const readQuery = queryReader(endpoint)
  const idempotent = idempotencyReader(endpoint)
  return (request) => {
    const base: unknown = readsQuery(endpoint) ? readQuery(request.query as Fields) : (request.body ?? {})
    if (!isFields(base)) return ok(base)
    const key = request.headers['idempotency-key']
    if (typeof key === 'string' && key !== '') idempotent(base, textOfKey(key))
    for (const name of inPath) {
      const value = (request.params as Readonly<Record<string, string>>)[name]
      if (base[name] !== undefined && base[name] !== value) {
        return fail(
          refusal('invalid_field', `${name} is "${String(value)}" in the path and something else beside it`, { path: `/${name}` }),
        )
      }
      base[name] = value
    }
    return ok(base)
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Query texts → the types that the schema names. A parameter given more than once is a list, as with commas. */
function queryReader(endpoint: Endpoint): (query: Fields) => Fields {
  const properties = (endpoint.input as { properties?: Readonly<Record<string, { readonly type?: string }>> }).properties ?? {}
  return (query) => {
    const fields: Fields = {}
    for (const name in query) {
      const given = query[name]
      const text = Array.isArray(given) ? given.join(',') : String(given)
      Object.defineProperty(fields, name, {
        value: typed(text, properties[name]?.type),
        enumerable: true,
        writable: true,
        configurable: true,
      })
    }
    return fields
  }
}

function typed(text: string, type: string | undefined): unknown {
  if ((type === 'integer' || type === 'number') && /^-?\d{1,16}(\.\d{1,16})?$/.test(text)) return Number(text)
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true'
  return text
}

/** An `Idempotency-Key` becomes the id that the body does not give; in a list, with the index of the item. */
function idempotencyReader({ idempotencyField: field, idempotencyItems: items }: Endpoint): (body: Fields, key: string) => void {
  if (field !== undefined) return (body, key) => giveId(body, field, key)
  if (items === undefined) return () => undefined
  return (body, key) => {
    const list = body[items.list]
    if (!Array.isArray(list)) return
    for (const [index, item] of list.entries()) if (isFields(item)) giveId(item, items.field, `${key}:${index}`)
  }
}

function giveId(fields: Fields, name: string, id: string): void {
  if (fields[name] === undefined || fields[name] === null) fields[name] = id
}

/** The header is a quoted string (RFC 8941); many clients send it bare. */
export function textOfKey(header: string): string {
  const quoted = /^"((?:[^"\\]|\\["\\])*)"$/.exec(header.trim())
  return quoted === null ? header.trim() : (quoted[1] ?? '').replaceAll(/\\(["\\])/g, '$1')
}

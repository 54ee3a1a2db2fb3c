import type { TSchema } from '@sinclair/typebox'
import type { Permission } from '../keys.ts'

/** One operation at one path. The registry, the HTTP routes and the OpenAPI document are all made from these. */
export interface Endpoint<Input extends TSchema = TSchema, Answer extends TSchema = TSchema> {
  /** Name of the operation, the same through every door. */
  readonly operation: string
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Parameters in braces are members of the input; so are the body's members, or the query's for GET and DELETE. */
  readonly path: string
  readonly input: Input
  readonly answer: Answer
  /** `open` needs no key. */
  readonly permission: Permission | 'open'
  /** Heading in the API document. */
  readonly family: string
  readonly summary: string
  readonly description?: string
  /** Member of the input that an `Idempotency-Key` header becomes when the body does not give it. */
  readonly idempotencyField?: string
  /** For a list of things that each have an id: the header's value and the index make the ids that are not given. */
  readonly idempotencyItems?: { readonly list: string; readonly field: string }
  /** How large its body may be, where that is more than of others. */
  readonly bodyBytesMax?: number
  /** Status of a success, 200 unless said otherwise. */
  readonly status?: number
  /** What else it answers than JSON: values of the input's `format`, with the media type of each. The Accept header chooses among them too. */
  readonly formats?: Readonly<Record<string, string>>
  readonly example?: { readonly input?: Record<string, unknown>; readonly answer?: Record<string, unknown> }
}

/** Keeps the schemas' types, so that a handler knows what it is given. */
export function endpoint<Input extends TSchema, Answer extends TSchema>(definition: Endpoint<Input, Answer>): Endpoint<Input, Answer> {
  return definition
}

/** Whether the input is read from the query of the URL; otherwise from the body. */
export function readsQuery({ method }: Pick<Endpoint, 'method'>): boolean {
  return method === 'GET' || method === 'DELETE'
}

/** Names of the parameters in a path. */
export function pathParameters(path: string): string[] {
  return [...path.matchAll(/\{([a-zA-Z_]+)\}/g)].map((match) => match[1] ?? '')
}

import type { TSchema } from '@sinclair/typebox'
import { REFERRED } from '../schemas.ts'

/** A schema as plain JSON Schema that needs no other document: names become what they name. For protocols that carry one schema by itself. */
export function selfContained(schema: TSchema): Record<string, unknown> {
  return plain(schema) as Record<string, unknown>
}

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  const { $ref, $id: _, ...members } = value as Record<string, unknown>
  if (typeof $ref === 'string') return plain(REFERRED.find(({ $id }) => $id === $ref) ?? {})
  return Object.fromEntries(Object.entries(members).map(([name, member]) => [name, plain(member)]))
}

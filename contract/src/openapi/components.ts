/** JSON Schema as it is written in the document. */
export type JsonSchema = { readonly [member: string]: unknown }

/**
 * Collects named schemas (those with an `$id`) and gives the rest a form that tools read well: a name becomes a reference to a component,
 * a record becomes `additionalProperties`, one of several constants becomes an enum.
 */
export function createComponents(): { refer(schema: unknown): JsonSchema; readonly schemas: Record<string, JsonSchema> } {
  const schemas: Record<string, JsonSchema> = {}

  function refer(schema: unknown): JsonSchema {
    const named = schema as JsonSchema
    if (typeof named.$id !== 'string') return plain(named)
    const name = named.$id
    if (!(name in schemas)) {
      schemas[name] = {}
      const { $id: _, ...rest } = named
      schemas[name] = plain(rest)
    }
    return { $ref: `#/components/schemas/${name}` }
  }

  function plain(schema: JsonSchema): JsonSchema {
    if (typeof schema.$ref === 'string') return { ...schema, $ref: `#/components/schemas/${schema.$ref}` }
    const constants = constantsOf(schema)
    if (constants !== null) {
      const { anyOf: _, ...rest } = schema
      return { ...rest, enum: constants }
    }
    return Object.fromEntries(Object.entries(schema).map(([key, member]) => rewrite(key, member)))
  }

  function rewrite(key: string, member: unknown): [string, unknown] {
    if (key === 'patternProperties' && isObject(member)) return ['additionalProperties', refer(Object.values(member)[0])]
    if (key === 'properties' && isObject(member)) {
      return [key, Object.fromEntries(Object.entries(member).map(([name, property]) => [name, refer(property)]))]
    }
    if (key === 'anyOf' && Array.isArray(member)) return [key, member.map((part) => refer(part))]
    if ((key === 'items' || key === 'additionalProperties') && isObject(member)) return [key, refer(member)]
    return [key, member]
  }

  return { refer, schemas }
}

function constantsOf(schema: JsonSchema): unknown[] | null {
  if (!Array.isArray(schema.anyOf)) return null
  const parts = schema.anyOf as JsonSchema[]
  return parts.every((part) => 'const' in part) ? parts.map((part) => part.const) : null
}

function isObject(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

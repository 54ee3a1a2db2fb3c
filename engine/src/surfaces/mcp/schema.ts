import { fromJsonSchema, type StandardSchemaWithJSON } from '@modelcontextprotocol/server'
import { selfContained } from '@purser/contract'
import type { Tool } from '../../operations/index.ts'

/** A tool as the protocol lists it. */
export interface AdvertisedTool {
  readonly tool: Tool
  readonly name: string
  readonly config: {
    readonly title: string
    readonly description: string
    readonly inputSchema: StandardSchemaWithJSON
    readonly outputSchema: StandardSchemaWithJSON
    readonly annotations: Annotations
  }
}

interface Annotations {
  readonly readOnlyHint: boolean
  readonly destructiveHint: boolean
  readonly idempotentHint: boolean
  /** Tools work on the books of this server and reach nothing else. */
  readonly openWorldHint: false
}

/** Made once per tool: schemas as plain JSON Schema, and what using it does. */
export function advertised(tool: Tool): AdvertisedTool {
  const { tool: name, title, description, input, answer, effect, idempotent } = tool.definition
  return {
    tool,
    name,
    config: {
      title,
      description,
      inputSchema: described(selfContained(input)),
      outputSchema: described(selfContained(answer)),
      annotations: {
        readOnlyHint: effect === 'read',
        destructiveHint: effect === 'replace',
        idempotentHint: effect === 'read' || idempotent === true,
        openWorldHint: false,
      },
    },
  }
}

/** A schema that is shown and checks nothing: the tool checks its input itself, and says what is wrong by code and path. */
function described(schema: Record<string, unknown>): StandardSchemaWithJSON {
  return fromJsonSchema(schema, { getValidator: () => (value) => ({ valid: true, data: value as never, errorMessage: undefined }) })
}

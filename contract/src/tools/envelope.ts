import { type Static, Type } from '@sinclair/typebox'

/** How a tool is used through `POST /v1`: its name, and its input. */
export const ToolUse = Type.Object(
  {
    tool: Type.String({ minLength: 1, maxLength: 128 }),
    input: Type.Optional(Type.Object({}, { additionalProperties: true, description: 'The input of the tool. Default: an empty one.' })),
  },
  { $id: 'ToolUse', additionalProperties: false },
)

/** The paths of the envelope: clients of this family append `/v1` to an address that ends with it. */
export const TOOL_PATHS = ['/v1', '/v1/v1'] as const

/** Where the same tools are served by the Model Context Protocol. */
export const MCP_PATH = '/mcp'

export type ToolUse = Static<typeof ToolUse>

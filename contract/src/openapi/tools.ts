import { MCP_PATH, TOOL_PATHS } from '../tools/envelope.ts'
import type { Tool } from '../tools/tool.ts'
import type { createComponents, JsonSchema } from './components.ts'

type Components = ReturnType<typeof createComponents>

/** Heading of the tools in the document. */
export const TOOL_FAMILY = 'Agent wallets'

/** The paths of the tools: the envelope, which takes any of them, and the Model Context Protocol, which lists them itself. */
export function toolPaths(tools: readonly Tool[], components: Components, problem: JsonSchema): Record<string, Record<string, JsonSchema>> {
  const envelopes = tools.map((tool) => envelopeOf(tool, components))
  const answers = tools.map((tool) => ({ ...components.refer(tool.answer), title: tool.tool }))
  const paths = TOOL_PATHS.map((path, index): [string, Record<string, JsonSchema>] => [
    path,
    { post: useOperation(index === 0 ? 'use_tool' : 'use_tool_v1', tools, { envelopes, answers, problem }) },
  ])
  return { ...Object.fromEntries(paths), [MCP_PATH]: { post: mcpOperation(problem) } }
}

function envelopeOf(tool: Tool, components: Components): JsonSchema {
  return {
    title: tool.tool,
    description: `${tool.title}. ${tool.description}${tool.metered === true ? ' Metered: each use is a call of the agent.' : ''}`,
    'x-permission': tool.permission,
    type: 'object',
    required: ['tool'],
    additionalProperties: false,
    properties: { tool: { const: tool.tool, type: 'string' }, input: components.refer(tool.input) },
  }
}

interface Parts {
  readonly envelopes: readonly JsonSchema[]
  readonly answers: readonly JsonSchema[]
  readonly problem: JsonSchema
}

function useOperation(operationId: string, tools: readonly Tool[], { envelopes, answers, problem }: Parts): JsonSchema {
  return {
    operationId,
    tags: [TOOL_FAMILY],
    summary: 'Use a tool of the agent wallet family',
    description:
      'One door for all tools: the body names a tool and gives its input, the answer is the tool\u2019s own. The agent is the one that the key is bound to, else `agent_id` of the input, else the `X-Agent-Id` header, else `default`. A tool that a budget or wallet refuses answers 402.',
    parameters: [
      {
        name: 'X-Agent-Id',
        in: 'header',
        required: false,
        description: 'The agent, where neither key nor input say it.',
        schema: { type: 'string', maxLength: 256 },
      },
      {
        name: 'Idempotency-Key',
        in: 'header',
        required: false,
        description: 'Becomes the id that the input does not give, of tools that have one.',
        schema: { type: 'string', maxLength: 256 },
      },
    ],
    requestBody: {
      required: true,
      content: {
        'application/json': {
          schema: { oneOf: envelopes },
          examples: Object.fromEntries(
            tools.map(({ tool, title, example }) => [tool, { summary: title, value: { tool, input: example } }]),
          ),
        },
      },
    },
    responses: {
      '200': { description: 'The answer of the tool', content: { 'application/json': { schema: { anyOf: answers } } } },
      default: { description: 'Refused, with the reason', content: { 'application/problem+json': { schema: problem } } },
    },
  }
}

function mcpOperation(problem: JsonSchema): JsonSchema {
  return {
    operationId: 'mcp',
    tags: [TOOL_FAMILY],
    summary: 'The same tools by the Model Context Protocol',
    description:
      'Streamable HTTP without sessions: revision 2026-07-28, and 2025-11-25 and older. `tools/list` says which tools the key may use. A refusal is a result with `isError`, whose structure has the members of a problem document.',
    requestBody: {
      required: true,
      content: { 'application/json': { schema: { type: 'object', description: 'A JSON-RPC 2.0 message.' } } },
    },
    responses: {
      '200': { description: 'A JSON-RPC 2.0 response', content: { 'application/json': { schema: { type: 'object' } } } },
      '202': { description: 'A notification was taken' },
      default: { description: 'Refused at the door, with the reason', content: { 'application/problem+json': { schema: problem } } },
    },
  }
}

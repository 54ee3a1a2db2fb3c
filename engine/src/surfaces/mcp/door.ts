import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { ERRORS, type Result, refusal } from '../../kernel/index.ts'
import { type Asker, type Caller, type Context, type Services, TOOLS } from '../../operations/index.ts'
import { type ToolResult, toolResult } from './result.ts'
import { type AdvertisedTool, advertised } from './schema.ts'

/** Who asks, after the door before this one has checked it. */
export interface McpAsker extends Asker {
  readonly caller: Caller
}

/** Answers one request. The body is parsed already; undefined without one. */
export type McpDoor = (request: Request, body: unknown, asker: McpAsker) => Promise<Response>

const ADVERTISED: readonly AdvertisedTool[] = [...TOOLS.values()].map(advertised)

const INSTRUCTIONS =
  'Purser keeps the accounts of agents: what they spend, what they may still spend, their wallets and caps. Ask get_spending_allowance before expensive work. ' +
  'A refusal says which limit refused, what is left, and when it resets: do not repeat a refused request, do less or stop.'

/**
 * The tools by the Model Context Protocol, revision 2026-07-28, and 2025-11-25 and older without sessions: each request stands by itself, so any
 * process can answer it. A key sees the tools that it may use.
 */
export function createMcpDoor(services: Services, onFault: (error: Error) => void): McpDoor {
  return (request, body, asker) => {
    // One handler per request: it holds who asks, and nothing is kept between requests.
    const handler = createMcpHandler(() => serverFor({ services, caller: asker.caller }, asker, onFault), {
      legacy: 'stateless',
      responseMode: 'json',
    })
    return handler.fetch(request, body === undefined ? {} : { parsedBody: body })
  }
}

function serverFor(context: Context, asker: McpAsker, onFault: (error: Error) => void): McpServer {
  const server = new McpServer(
    { name: 'purser', title: 'Purser', version: context.services.about.version },
    {
      capabilities: { tools: {} },
      instructions: INSTRUCTIONS,
      cacheHints: { 'tools/list': { ttlMs: LIST_TTL_MS, cacheScope: 'private' } },
    },
  )
  for (const { tool, name, config } of ADVERTISED) {
    if (!tool.allows(context.caller)) continue
    server.registerTool(name, config, (input: unknown): Promise<ToolResult> => answer(() => tool.run(context, asker, input ?? {}), onFault))
  }
  return server
}

/** A key's tools change only with the key. */
const LIST_TTL_MS = 60_000

async function answer(use: () => Promise<Result<unknown>>, onFault: (error: Error) => void): Promise<ToolResult> {
  try {
    return toolResult(await use())
  } catch (error) {
    onFault(error instanceof Error ? error : new Error(String(error)))
    return toolResult({ ok: false, error: refusal('internal', ERRORS.internal.title) })
  }
}

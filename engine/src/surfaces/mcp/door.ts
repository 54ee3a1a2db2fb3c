import { type AuthInfo, createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { assert, ERRORS, type Result, refusal } from '../../kernel/index.ts'
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
  const handler = createMcpHandler((request) => serverFor(services, askerOf(request.authInfo), onFault), {
    legacy: 'stateless',
    // What a key may use changes only with the key: there is nothing to subscribe to, and no stream that stays open.
    maxSubscriptions: 0,
  })
  return (request, body, asker) => handler.fetch(request, { ...(body === undefined ? {} : { parsedBody: body }), authInfo: infoOf(asker) })
}

/** The library hands this on untouched, so one handler serves everybody and holds nobody. */
function infoOf(asker: McpAsker): AuthInfo {
  return { token: '', clientId: asker.caller.actor, scopes: [], extra: { asker } }
}

function askerOf(info: AuthInfo | undefined): McpAsker {
  const asker = info?.extra?.asker
  assert(asker !== undefined, 'every request brings who asks')
  return asker as McpAsker
}

function serverFor(services: Services, asker: McpAsker, onFault: (error: Error) => void): McpServer {
  const context: Context = { services, caller: asker.caller }
  const server = new McpServer(
    { name: 'purser', title: 'Purser', version: services.about.version },
    {
      capabilities: { tools: {} },
      instructions: INSTRUCTIONS,
      cacheHints: { 'tools/list': { ttlMs: LIST_TTL_MS, cacheScope: 'private' } },
    },
  )
  for (const { tool, name, config } of ADVERTISED) {
    if (!tool.allows(context.caller)) continue
    server.registerTool(
      name,
      config,
      (input: unknown): Promise<ToolResult> => answer(services, () => tool.run(context, asker, input ?? {}), onFault),
    )
  }
  return server
}

/** A key's tools change only with the key. */
const LIST_TTL_MS = 60_000

async function answer({ meters }: Services, use: () => Promise<Result<unknown>>, onFault: (error: Error) => void): Promise<ToolResult> {
  try {
    const result = await use()
    if (!result.ok) meters.refused(result.error.code)
    return toolResult(result)
  } catch (error) {
    onFault(error instanceof Error ? error : new Error(String(error)))
    return toolResult({ ok: false, error: refusal('internal', ERRORS.internal.title) })
  }
}

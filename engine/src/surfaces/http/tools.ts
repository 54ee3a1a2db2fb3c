import { MCP_PATH, TOOL_PATHS } from '@purser/contract'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ANONYMOUS, type Caller, type Services, useEnvelope } from '../../operations/index.ts'
import { textOfKey } from './input.ts'
import { sendProblem } from './problem.ts'

/** The Model Context Protocol, as its own surface speaks it. The body is parsed already; undefined without one. */
export type McpDoor = (
  request: Request,
  body: unknown,
  asker: { readonly caller: Caller; readonly agentHeader: string | null },
) => Promise<Response>

const JSON_TYPE = 'application/json; charset=utf-8'

/** The envelope `{tool, input}` at its paths. The answer is the tool's own; a refusal is a problem document, 402 where a budget refuses. */
export function addToolEnvelope(app: FastifyInstance, services: Services): void {
  for (const path of TOOL_PATHS) {
    app.post(path, async (request, reply) => {
      const idempotencyKey = headerOf(request, 'idempotency-key')
      const asker = { agentHeader: agentHeaderOf(request), idempotencyKey: idempotencyKey === null ? null : textOfKey(idempotencyKey) }
      const result = await useEnvelope({ services, caller: request.caller ?? ANONYMOUS }, asker, request.body)
      if (!result.ok) return sendProblem(reply, result.error)
      if ((result.value as { replayed?: unknown }).replayed === true) reply.header('idempotent-replayed', 'true')
      return reply.header('content-type', JSON_TYPE).send(JSON.stringify(result.value))
    })
  }
}

/** The path of the Model Context Protocol. Who may come in is decided before, as everywhere; what is said is not ours. */
export function addMcp(app: FastifyInstance, door: McpDoor): void {
  app.route({
    method: ['POST', 'GET', 'DELETE'],
    url: MCP_PATH,
    handler: async (request, reply) => {
      const asker = { caller: request.caller ?? ANONYMOUS, agentHeader: agentHeaderOf(request) }
      const answer = await door(webRequest(request), request.body, asker)
      reply.code(answer.status)
      for (const [name, value] of answer.headers) reply.header(name, value)
      return reply.send(answer.body === null ? null : Buffer.from(await answer.arrayBuffer()))
    },
  })
}

/** The same request for a library that speaks the web's. Its body was read and is handed over by itself. */
function webRequest(request: FastifyRequest): Request {
  const headers = new Headers()
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined && name !== 'authorization' && name !== 'x-api-key')
      headers.set(name, Array.isArray(value) ? value.join(', ') : value)
  }
  return new Request(`http://purser.invalid${request.url}`, { method: request.method, headers })
}

function agentHeaderOf(request: FastifyRequest): string | null {
  return headerOf(request, 'x-agent-id')
}

function headerOf(request: FastifyRequest, name: string): string | null {
  const value = request.headers[name]
  return typeof value === 'string' && value !== '' ? value : null
}

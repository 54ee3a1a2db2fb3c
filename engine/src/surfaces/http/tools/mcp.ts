import { MCP_PATH } from '@purser/contract'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ANONYMOUS, type Caller } from '../../../operations/index.ts'
import { agentHeaderOf } from './headers.ts'

/** The Model Context Protocol, as its own surface speaks it. The body is parsed already; undefined without one. */
export type McpDoor = (
  request: Request,
  body: unknown,
  asker: { readonly caller: Caller; readonly agentHeader: string | null },
) => Promise<Response>

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

import type { FastifyRequest } from 'fastify'

/** The agent that a request is from, where neither its key nor its input says it. */
export function agentHeaderOf(request: FastifyRequest): string | null {
  return headerOf(request, 'x-agent-id')
}

/** A header that is there and says something; else null. */
export function headerOf(request: FastifyRequest, name: string): string | null {
  const value = request.headers[name]
  return typeof value === 'string' && value !== '' ? value : null
}

import { ENDPOINTS, OTLP_PATHS } from '@purser/contract'
import type { FastifyInstance } from 'fastify'
import { refusal } from '../../kernel/index.ts'
import { sendProblem } from './problem.ts'

/** Paths that exist are answered with the methods they take (405), others as not found (404). */
export function answerUnknownPaths(app: FastifyInstance): void {
  const known = [...ENDPOINTS, ...EXTRA, ...OTLP_PATHS.map(({ path }) => ({ method: 'POST', path }))].map(({ method, path }) => ({
    method,
    pattern: new RegExp(`^${path.replaceAll(/\{[a-zA-Z_]+\}/g, '[^/]+')}$`),
  }))
  app.setNotFoundHandler((request, reply) => {
    const [path = ''] = request.url.split('?', 1)
    const allowed = [...new Set(known.flatMap(({ method, pattern }) => (pattern.test(path) ? [method] : [])))]
    if (allowed.length === 0) return sendProblem(reply, refusal('not_found', `there is nothing at ${path.slice(0, 200)}; see /docs`))
    reply.header('allow', allowed.join(', '))
    const detail = `${path.slice(0, 200)} takes ${allowed.join(' and ')}, not ${request.method}`
    return sendProblem(reply, refusal('method_not_allowed', detail, { facts: { allow: allowed } }))
  })
}

const EXTRA = [
  { method: 'POST', path: '/v1' },
  { method: 'POST', path: '/v1/v1' },
  { method: 'POST', path: '/mcp' },
  { method: 'POST', path: '/v1/operations/{name}' },
  { method: 'GET', path: '/openapi.json' },
  { method: 'GET', path: '/docs' },
  { method: 'GET', path: '/' },
] as const

import { Readable } from 'node:stream'
import {
  ENDPOINTS,
  type Endpoint,
  type HealthAnswer,
  health,
  healthComponent,
  liveness,
  METRICS_ENDPOINTS,
  readiness,
} from '@purser/contract'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { assert, type Result } from '../../kernel/index.ts'
import { ANONYMOUS, type Caller, OPERATIONS, SCRAPER, type Services, Streamed, TextAnswer } from '../../operations/index.ts'
import { inputReader } from './input.ts'
import { sendProblem } from './problem.ts'

const JSON_TYPE = 'application/json; charset=utf-8'
const ACTUATOR_TYPE = 'application/vnd.spring-boot.actuator.v3+json'
const HEALTH: ReadonlySet<Endpoint> = new Set<Endpoint>([health, healthComponent, liveness, readiness])
const METRICS: ReadonlySet<Endpoint> = new Set<Endpoint>(METRICS_ENDPOINTS)

/** Binds each documented path to its operation. `open` chooses the paths that need no key, or those that do. */
export function addRoutes(app: FastifyInstance, services: Services, open: boolean): void {
  for (const endpoint of ENDPOINTS) {
    // Metrics may be open to whoever reaches the server, where its operator says so.
    const stranger = METRICS.has(endpoint) && services.about.metricsKey === 'open' ? SCRAPER : ANONYMOUS
    if ((endpoint.permission === 'open' || stranger === SCRAPER) === open) addRoute(app, services, endpoint, stranger)
  }
}

/** `stranger`: who asks where nobody says who they are. */
function addRoute(app: FastifyInstance, services: Services, endpoint: Endpoint, stranger: Caller): void {
  const operation = OPERATIONS.get(endpoint.operation)
  assert(operation !== undefined, `the path ${endpoint.path} has an operation`)
  const read = inputReader(endpoint)
  const send = senderOf(endpoint)
  app.route({
    method: endpoint.method,
    url: endpoint.path.replaceAll(/\{([a-zA-Z_]+)\}/g, ':$1'),
    ...limitOf(endpoint),
    handler: async (request, reply) => {
      const input = read(request)
      if (!input.ok) return sendProblem(reply, input.error)
      if (endpoint.formats !== undefined) preferFormat(request, input.value, endpoint.formats)
      const result = await operation.run({ services, caller: request.caller ?? stranger }, input.value)
      return result.ok ? send(reply, result.value) : sendProblem(reply, result.error)
    },
  })
}

function limitOf({ bodyBytesMax }: Endpoint): { bodyLimit?: number } {
  return bodyBytesMax === undefined ? {} : { bodyLimit: bodyBytesMax }
}

type Send = (reply: FastifyReply, value: unknown) => FastifyReply

function senderOf(endpoint: Endpoint): Send {
  if (HEALTH.has(endpoint)) return sendHealth
  const status = endpoint.status ?? 200
  return (reply, value) => {
    if (value instanceof Streamed) return sendStreamed(reply, value)
    if (value instanceof TextAnswer) return sendText(reply, value)
    if ((value as { replayed?: unknown }).replayed === true) reply.header('idempotent-replayed', 'true')
    return reply.code(status).header('content-type', JSON_TYPE).send(JSON.stringify(value))
  }
}

function sendHealth(reply: FastifyReply, value: unknown): FastifyReply {
  const { status } = value as HealthAnswer
  const type = reply.request.headers.accept?.includes('application/json') === true ? JSON_TYPE : ACTUATOR_TYPE
  return reply
    .code(status === 'DOWN' || status === 'OUT_OF_SERVICE' ? 503 : 200)
    .header('content-type', type)
    .send(JSON.stringify(value))
}

/** A page of data is read, and runs nothing. */
const PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"

/** A fault while it is made cuts the connection, so that nobody takes what came for the whole. */
function sendStreamed(reply: FastifyReply, { contentType, fileName, pieces }: Streamed): FastifyReply {
  const isPage = contentType.startsWith('text/html')
  if (isPage) reply.header('content-security-policy', PAGE_POLICY).header('x-content-type-options', 'nosniff')
  return reply
    .header('content-type', contentType)
    .header('content-disposition', `${isPage ? 'inline' : 'attachment'}; filename="${fileName}"`)
    .send(Readable.from(pieces))
}

function sendText(reply: FastifyReply, { contentType, text }: TextAnswer): FastifyReply {
  return reply.header('content-type', contentType).send(text)
}

/** Of the formats it has, the one that the Accept header names, where the input names none and JSON is not accepted as well. */
function preferFormat(request: FastifyRequest, input: unknown, formats: NonNullable<Endpoint['formats']>): void {
  const accept = request.headers.accept ?? ''
  const fields = input as { format?: unknown }
  if (fields.format !== undefined || accept.includes('application/json')) return
  const chosen = Object.entries(formats).find(([, type]) => accept.includes(type))
  if (chosen !== undefined) fields.format = chosen[0]
}

/** One door for programs of ours: any operation by its name, its input as the body, its answer as JSON, or as the file that it is. */
export function addOperationsDoor(app: FastifyInstance, services: Services): void {
  const answer = async (name: string, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const operation = OPERATIONS.get(name)
    const result: Result<unknown> =
      operation === undefined
        ? { ok: false, error: { code: 'not_found', detail: `there is no operation "${name.slice(0, 80)}"` } }
        : await operation.run({ services, caller: request.caller ?? ANONYMOUS }, request.body ?? {})
    if (!result.ok) return sendProblem(reply, result.error)
    if (result.value instanceof Streamed) return sendStreamed(reply, result.value)
    if (result.value instanceof TextAnswer) return sendText(reply, result.value)
    return reply.header('content-type', JSON_TYPE).send(JSON.stringify(result.value))
  }
  app.post<{ Params: { name: string } }>('/v1/operations/:name', (request, reply) => answer(request.params.name, request, reply))
  // What takes larger bodies than others has a door of its own beside it, so that the limit of the others stays.
  for (const endpoint of ENDPOINTS) {
    if (endpoint.bodyBytesMax === undefined) continue
    app.post(`/v1/operations/${endpoint.operation}`, limitOf(endpoint), (request, reply) => answer(endpoint.operation, request, reply))
  }
}

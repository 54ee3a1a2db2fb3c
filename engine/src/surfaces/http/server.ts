import { randomBytes } from 'node:crypto'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest, type FastifyServerOptions } from 'fastify'
import { type ErrorCode, LIMITS, type Refusal, type Result } from '../../kernel/index.ts'
import type { Caller, Services } from '../../operations/index.ts'
import { type AccessRules, type Admission, admit, guardOpen, knownCaller } from './access.ts'
import { holdsSecret, MISPLACED_SECRET, takeJson } from './body.ts'
import { addGateway, type GatewayDoor, refuseAsProvider } from './doors/gateway.ts'
import { addOtlp, type OtlpDoor, sayNo } from './doors/otlp.ts'
import { answerFault } from './faults.ts'
import { addPages } from './pages.ts'
import { RefusalError, sendProblem } from './problem.ts'
import { addOperationsDoor, addRoutes } from './routes.ts'
import type { ContentDigest } from './signature/content-digest.ts'
import { readSigned } from './signature/signed-body.ts'
import { addToolEnvelope } from './tools/envelope.ts'
import { addMcp, type McpDoor } from './tools/mcp.ts'
import { answerUnknownPaths } from './unknown-path.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Set where a key, or local mode, has let the request in. */
    caller: Caller | null
    /** What the body of a signed request must hash to. */
    signedDigest: ContentDigest | null
    /** Why it was refused, for the metrics; null where it was not. */
    refusedBy: ErrorCode | null
  }
}

export interface HttpOptions {
  /** Folder with the start page, or null. */
  readonly webFolder: string | null
  /** Answers what comes at `/mcp`. */
  readonly mcp: McpDoor
  /** Answers what is to be passed on to providers. */
  readonly gateway: GatewayDoor
  /** Takes what comes at the paths of OpenTelemetry. */
  readonly otlp: OtlpDoor
  /** Told of faults of ours; the outside sees only the request's id. */
  readonly onFault: (error: unknown, requestId: string) => void
}

const REQUEST_MS_MAX = 60_000
const KEEP_ALIVE_MS = 72_000
/** Ids of 256 characters, each up to twelve characters of percent-encoding. */
const PARAM_CHARS_MAX = 4_096

/** Operations check what comes, and answers need no schema: with compilers of schemas given, the framework does not load its own, a part of every start. */
const NO_SCHEMAS = {
  compilersFactory: { buildValidator: () => () => () => true, buildSerializer: () => () => JSON.stringify },
} as unknown as NonNullable<FastifyServerOptions['schemaController']>

/** The HTTP surface over the registry: documented paths, one door by operation name, pages. Not yet listening. */
export async function createHttpServer(services: Services, options: HttpOptions): Promise<FastifyInstance> {
  const onFrameworkFault = (error: unknown, _request: unknown, reply: FastifyReply): void => {
    answerFault(error, reply, options.onFault)
  }
  const app = fastify({
    bodyLimit: LIMITS.bodyBytesMax,
    requestTimeout: REQUEST_MS_MAX,
    keepAliveTimeout: KEEP_ALIVE_MS,
    forceCloseConnections: 'idle',
    genReqId: requestIds(),
    routerOptions: { maxParamLength: PARAM_CHARS_MAX, ignoreTrailingSlash: false },
    frameworkErrors: onFrameworkFault,
    schemaController: NO_SCHEMAS,
  })
  const { about, keyring, keyUses, nonces, now } = services
  const rules: AccessRules = { auth: about.auth, keyring, keyUses, nonces, now, metricsKey: about.metricsKey }
  app.decorateRequest('caller', null)
  app.decorateRequest('signedDigest', null)
  app.decorateRequest('refusedBy', null)
  measure(app, services)
  takeJson(app, keyring)
  app.setErrorHandler((error, _request, reply) => answerFault(error, reply, options.onFault))
  answerUnknownPaths(app)
  await app.register(async (scope) => {
    requireAccess(scope, rules, sendProblem)
    addRoutes(scope, services, false)
    addOperationsDoor(scope, services)
    addToolEnvelope(scope, services)
    addMcp(scope, options.mcp)
  })
  await app.register(async (scope) => {
    const refuse = refuseAsProvider(options.gateway)
    requireAccess(scope, rules, refuse)
    scope.setErrorHandler((error, _request, reply) => {
      if (error instanceof RefusalError) refuse(reply, error.refusal)
      else answerFault(error, reply, options.onFault)
    })
    addGateway(scope, options.gateway)
  })
  await app.register(async (scope) => {
    requireAccess(scope, rules, (reply, why) => sayNo(reply, options.otlp, why))
    addOtlp(scope, options.otlp, options.onFault)
  })
  await app.register(async (scope) => {
    scope.addHook('onRequest', (request, reply, done) => {
      const guarded = guardOpen(rules, request.method, request.headers)
      if (!guarded.ok) {
        sendProblem(reply, guarded.error)
        return
      }
      request.caller = knownCaller(rules, request.headers)
      reply.header('x-content-type-options', 'nosniff')
      done()
    })
    addRoutes(scope, services, true)
    await addPages(scope, { version: services.about.version, webFolder: options.webFolder })
  })
  return app
}

/** Counts what is answered, by the path as it is documented: what was asked for may hold anything. */
function measure(app: FastifyInstance, { meters }: Services): void {
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url?.replaceAll(/:([a-zA-Z_]+)/g, '{$1}') ?? 'unknown'
    meters.answered({ method: request.method, route, status: reply.statusCode, seconds: reply.elapsedTime / 1_000 })
    if (request.refusedBy !== null) meters.refused(request.refusedBy)
    done()
  })
}

/** Nothing is read or done before the request has been let in, and of a signed one nothing before its body is known to be the signed one. */
function requireAccess(scope: FastifyInstance, rules: AccessRules, refuse: Refuse): void {
  scope.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id)
    const admitted = admit(rules, request.raw)
    if (admitted instanceof Promise) admitted.then((result) => letIn(request, reply, result, refuse, done), done)
    else letIn(request, reply, admitted, refuse, done)
  })
  scope.addHook('onRequest', (request, reply, done) => {
    const id = request.headers['idempotency-key']
    if (holdsSecret(request.url, rules.keyring) || (typeof id === 'string' && holdsSecret(id, rules.keyring)))
      refuse(reply, MISPLACED_SECRET)
    else done()
  })
  scope.addHook('preParsing', (request, _reply, payload, done) => {
    if (request.signedDigest === null) return done(null, payload)
    readSigned(payload, request.signedDigest).then(
      (body) => (body.ok ? done(null, body.value) : done(new RefusalError(body.error))),
      (error: Error) => done(error),
    )
  })
}

type Refuse = (reply: FastifyReply, refused: Refusal) => void

function letIn(request: FastifyRequest, reply: FastifyReply, admitted: Result<Admission>, refuse: Refuse, done: () => void): void {
  if (!admitted.ok) {
    refuse(reply, admitted.error)
    return
  }
  request.caller = admitted.value.caller
  request.signedDigest = admitted.value.digest
  done()
}

/** Unique per process start and cheap: a random head and a count. */
function requestIds(): () => string {
  const head = randomBytes(6).toString('hex')
  let count = 0
  return () => {
    count += 1
    return `req_${head}_${count.toString(36)}`
  }
}

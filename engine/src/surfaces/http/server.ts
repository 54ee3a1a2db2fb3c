import { randomBytes } from 'node:crypto'
import fastify, { type FastifyInstance, type FastifyReply } from 'fastify'
import { LIMITS, refusal } from '../../kernel/index.ts'
import type { Caller, Services } from '../../operations/index.ts'
import { type AccessRules, admit, guardOpen } from './access.ts'
import { takeJson } from './body.ts'
import { answerFault } from './faults.ts'
import { addPages } from './pages.ts'
import { sendProblem } from './problem.ts'
import { addOperationsDoor, addRoutes } from './routes.ts'
import { answerUnknownPaths } from './unknown-path.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Set where a key, or local mode, has let the request in. */
    caller: Caller | null
  }
}

export interface HttpOptions {
  /** Folder with the start page, or null. */
  readonly webFolder: string | null
  /** Told of faults of ours; the outside sees only the request's id. */
  readonly onFault: (error: unknown, requestId: string) => void
}

const REQUEST_MS_MAX = 60_000
const KEEP_ALIVE_MS = 72_000
/** Ids of 256 characters, each up to twelve characters of percent-encoding. */
const PARAM_CHARS_MAX = 4_096

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
  })
  const rules: AccessRules = { auth: services.about.auth, keyring: services.keyring, now: services.now }
  app.decorateRequest('caller', null)
  takeJson(app)
  app.setErrorHandler((error, _request, reply) => answerFault(error, reply, options.onFault))
  answerUnknownPaths(app)
  await app.register(async (scope) => {
    const { catchUp } = services
    scope.addHook('onRequest', (request, reply, done) => {
      reply.header('x-request-id', request.id)
      const letIn = (): void => {
        const admitted = admit(rules, request.method, request.headers)
        if (!admitted.ok) {
          sendProblem(reply, admitted.error)
          return
        }
        request.caller = admitted.value
        done()
      }
      if (catchUp === null) letIn()
      else catchUp().then(letIn, () => sendProblem(reply, refusal('unavailable', 'the database cannot be reached; nothing was done')))
    })
    addRoutes(scope, services, false)
    addOperationsDoor(scope, services)
  })
  await app.register(async (scope) => {
    scope.addHook('onRequest', (request, reply, done) => {
      const guarded = guardOpen(rules, request.method, request.headers)
      if (!guarded.ok) {
        sendProblem(reply, guarded.error)
        return
      }
      const admitted = admit(rules, request.method, request.headers)
      if (admitted.ok) request.caller = admitted.value
      reply.header('x-content-type-options', 'nosniff')
      done()
    })
    addRoutes(scope, services, true)
    await addPages(scope, { version: services.about.version, webFolder: options.webFolder })
  })
  return app
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

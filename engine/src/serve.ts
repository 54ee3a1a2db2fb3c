import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FastifyInstance } from 'fastify'
import { type AssembleOptions, assemble, type Engine } from './assemble.ts'
import type { Config } from './config.ts'
import { withoutSecrets } from './ledger/index.ts'
import { makeBootstrapKey, telemetryReceiver } from './operations/index.ts'
import { announceServer, withdrawServer } from './running-server.ts'
import type { GatewayDoor as OpenDoor } from './surfaces/gateway/index.ts'
import { createHttpServer, type GatewayDoor } from './surfaces/http/index.ts'
import type { McpDoor } from './surfaces/mcp/index.ts'
import { createOtlpDoor } from './surfaces/otlp/index.ts'

export interface ServeOptions {
  readonly version: string
  readonly openCalls: AssembleOptions['openCalls']
  /** A line for the person who started it. */
  readonly say: (line: string) => void
  readonly now?: AssembleOptions['now']
}

/** A server that answers. */
export interface RunningServer {
  readonly url: string
  readonly services: Engine['services']
  /** Stops accepting, finishes what was begun, commits it, and closes the stores. */
  stop(): Promise<void>
}

const BACKLOG = 1_024

/** Opens the data folder, makes the bootstrap key where one is needed, and listens. What cannot start is closed again. */
export async function startServer(config: Config, options: ServeOptions): Promise<RunningServer> {
  let stopping = false
  const folder = resolve(config.data)
  const engine = await assemble({
    data: folder,
    databaseUrl: config.databaseUrl,
    version: options.version,
    auth: config.auth,
    obstacle: () => (stopping ? 'the server is stopping' : null),
    openCalls: options.openCalls,
    smtp: config.smtp,
    metricsKey: config.metricsKey,
    probes: config.probes,
    upstreams: config.gateway.upstreams,
    deliver: true,
    ...(options.now === undefined ? {} : { now: options.now }),
  })
  let http: FastifyInstance | null = null
  const gateway = gatewayDoor(engine, config.gateway, (error, id) => options.say(faultLine(error, id)))
  const stop = async (): Promise<void> => {
    if (stopping) return
    stopping = true
    withdrawServer(folder)
    await http?.close()
    await gateway.close()
    await engine.close()
  }
  try {
    const secret = await bootstrap(config, engine)
    http = await createHttpServer(engine.services, {
      webFolder: webFolder(),
      mcp: mcpDoor(engine, (error) => options.say(faultLine(error, 'at /mcp'))),
      gateway,
      otlp: createOtlpDoor(telemetryReceiver(engine.services), engine.services.keyring),
      onFault: (error, id) => options.say(faultLine(error, id)),
    })
    await http.listen({ host: config.host, port: config.port, backlog: BACKLOG })
    const url = urlOf(http, config.host)
    announceServer(folder, { url, pid: process.pid })
    greet(options.say, {
      url,
      folder: config.databaseUrl === null ? folder : `${folder}, ledger in ${engine.ledgerIn}`,
      secret,
      local: config.auth === 'local' && engine.services.keyring.isEmpty(),
      withKeys: config.gateway.upstreams.filter(({ key }) => key !== null).map(({ name }) => name),
    })
    return { url, services: engine.services, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Loaded with the first question: many servers are never asked one by this protocol, and no start need wait for its library. */
function mcpDoor({ services }: Engine, onFault: (error: Error) => void): McpDoor {
  let opening: Promise<McpDoor> | null = null
  return async (request, body, asker) => {
    opening ??= import('./surfaces/mcp/index.ts').then(({ createMcpDoor }) => createMcpDoor(services, onFault))
    const door = await opening
    return door(request, body, asker)
  }
}

/** Loaded with the first call that is to be passed on. */
function gatewayDoor({ services }: Engine, options: Config['gateway'], onFault: (error: unknown, id: string) => void) {
  let opening: Promise<OpenDoor> | null = null
  const open = (): Promise<OpenDoor> => {
    opening ??= import('./surfaces/gateway/index.ts').then(({ createGatewayDoor }) => createGatewayDoor(services, { ...options, onFault }))
    return opening
  }
  const door: GatewayDoor = {
    names: options.upstreams.map(({ name }) => name),
    take: async (incoming, outgoing, asker) => (await open()).take(incoming, outgoing, asker),
    refuse: async (incoming, refused, requestId) => (await open()).refuse(incoming, refused, requestId),
  }
  return { ...door, close: async () => (await opening)?.close() }
}

/** The operator's key is taken; without one, a key is made at the first start that needs one, and shown this once. */
async function bootstrap(config: Config, engine: Engine): Promise<string | null> {
  if (config.adminKey !== null) {
    await makeBootstrapKey(engine.services, config.adminKey)
    return null
  }
  return config.auth === 'required' && engine.services.keyring.isEmpty() ? makeBootstrapKey(engine.services, null) : null
}

function urlOf(http: FastifyInstance, host: string): string {
  const address = http.server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`
}

/** The pages lie beside the engine in the repository, and may be absent from a package of the engine alone. */
function webFolder(): string | null {
  const folder = fileURLToPath(new URL('../../web/', import.meta.url))
  return existsSync(join(folder, 'index.html')) ? folder : null
}

interface Greeting {
  readonly url: string
  readonly folder: string
  readonly secret: string | null
  readonly local: boolean
  /** Upstreams whose keys the server has. */
  readonly withKeys: readonly string[]
}

/** One text, written at once: whoever reads the address has read the key too. */
function greet(say: ServeOptions['say'], told: Greeting): void {
  const lines = [
    `Purser takes calls at ${told.url}`,
    `  API      ${told.url}/docs`,
    `  gateway  ${told.url}/openai/v1, /anthropic, …: ${told.withKeys.length === 0 ? "clients' own provider keys are passed on" : `with keys for ${told.withKeys.join(', ')}`}`,
    `  data     ${told.folder}`,
    `  access   ${told.local ? 'local: no key needed from this machine' : 'a key is required'}`,
  ]
  if (told.secret !== null) lines.push('', '  The bootstrap key may do everything. It is shown this once:', `  ${told.secret}`)
  say(lines.join('\n'))
}

function faultLine(error: unknown, requestId: string): string {
  return withoutSecrets(`purser: fault in request ${requestId}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
}

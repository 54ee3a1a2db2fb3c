import type { IncomingMessage, ServerResponse } from 'node:http'
import { LIMITS, type Refusal, refusal } from '../../kernel/index.ts'
import { createResponseCache, mayCall, type Passage, type Services } from '../../operations/index.ts'
import { modelLimits } from '../../pricing/index.ts'
import { attempts } from './attempts.ts'
import { conduct } from './course/conduct.ts'
import { errorDialect, failureOf } from './dialects/index.ts'
import { type SenderOptions, sender } from './forward.ts'
import type { Gateway, GatewayAsker, HoldPolicy } from './gateway.ts'
import { isClaudeCode } from './identity.ts'
import { passThrough } from './pass-through.ts'
import { planned } from './plan.ts'
import { type ErrorAnswer, errorAnswer, refuse, refusedAnswer, sendError, type Telling } from './reply.ts'
import { readBody } from './request-body.ts'
import { type Route, routeOf } from './route.ts'
import type { Upstream } from './upstreams.ts'
import { usageOption } from './usage-option.ts'

/** The way in of calls that are to be passed on to a provider. */
export interface GatewayDoor {
  /** Takes a request that was let in; resolves when it is answered and settled. */
  take(incoming: IncomingMessage, outgoing: ServerResponse, asker: GatewayAsker): Promise<void>
  /** A refusal in the words of the API that the request is for. */
  refuse(incoming: IncomingMessage, refused: Refusal, requestId: string): ErrorAnswer
  close(): Promise<void>
}

export interface GatewayOptions extends SenderOptions {
  readonly upstreams: readonly Upstream[]
  readonly hold: HoldPolicy
  /** What answers that are kept may take in memory. */
  readonly cacheBytesMax: number
  readonly onFault: Gateway['onFault']
}

/** How often money is kept for calls that take long. */
const KEEP_EVERY_MS = LIMITS.gatewayHoldMs / 3

/** A gateway over the upstreams: identify, hold, pass on, meter, post. */
export function createGatewayDoor(services: Services, options: GatewayOptions): GatewayDoor {
  const gateway: Gateway = {
    services,
    upstreams: new Map(options.upstreams.map((upstream) => [upstream.name, upstream])),
    sender: sender(options),
    attempts: attempts(),
    usageOption: usageOption(),
    limitsOf: modelLimits(),
    hold: options.hold,
    cache: createResponseCache(services.now, { bytesMax: options.cacheBytesMax, bucketMax: LIMITS.gatewayCacheBucketMax }),
    onFault: options.onFault,
  }
  const underWay = new Set<Passage>()
  const keeping = setInterval(() => {
    for (const passage of underWay) passage.keep().catch((error) => options.onFault(error, passage.callId))
  }, KEEP_EVERY_MS)
  keeping.unref()
  const sweeping = setInterval(gateway.cache.sweep, LIMITS.sweepGatewayCacheMs)
  sweeping.unref()
  return {
    async take(incoming, outgoing, asker) {
      try {
        await taken(gateway, underWay, incoming, outgoing, asker)
      } catch (error) {
        options.onFault(error, asker.requestId)
        const wrong = refusal('internal', 'something went wrong on our side; the request id finds it in the log')
        sendError(outgoing, refusedAnswer(wrong, tellingOf(gateway, incoming, asker.requestId)))
      }
    },
    refuse: (incoming, refused, requestId) => refusedAnswer(refused, tellingOf(gateway, incoming, requestId)),
    async close() {
      clearInterval(keeping)
      clearInterval(sweeping)
      await gateway.sender.close()
    },
  }
}

async function taken(
  gateway: Gateway,
  underWay: Set<Passage>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  asker: GatewayAsker,
): Promise<void> {
  const { services } = gateway
  const startedAt = services.now()
  const telling = tellingOf(gateway, incoming, asker.requestId)
  const route = routeOf(gateway.upstreams, incoming.method ?? 'GET', incoming.url ?? '/')
  if (route === null) {
    refuse(gateway, outgoing, refusal('not_found', 'there is no such upstream; see PURSER_UPSTREAM_<NAME>'), telling)
    return
  }
  const may = mayCall(asker.caller)
  if (!may.ok) {
    refuse(gateway, outgoing, may.error, telling)
    return
  }
  if (!isMetered(route)) return passThrough(gateway, { incoming, outgoing, route, telling, asker })
  const body = await readBody(asker.payload, incoming.headers)
  if (!body.ok) {
    refuse(gateway, outgoing, body.error, telling)
    return
  }
  const plan = planned(gateway, asker, incoming, route, body.value)
  if (plan === null) {
    const detail = 'the request names no model: send a JSON object with "model", as the API of this path asks for'
    sendError(outgoing, errorAnswer(failureOf(refusal('missing_field', detail, { path: '/model' }), 400), telling))
    return
  }
  await conduct({ gateway, underWay, incoming, outgoing, asker, route, body: body.value, plan, telling, startedAt })
}

function isMetered(route: Route): route is Route & { readonly endpoint: Exclude<Route['endpoint'], null> } {
  return route.endpoint !== null && route.endpoint !== 'free'
}

function tellingOf({ upstreams, services }: Gateway, incoming: IncomingMessage, requestId: string): Telling {
  const [path = ''] = (incoming.url ?? '').split('?', 1)
  const upstream = upstreams.get(path.split('/')[1] ?? '') ?? { dialect: 'openai' as const }
  return {
    dialect: errorDialect(upstream, path),
    requestId,
    // Claude Code shows a refusal at once with this status and tries any other again.
    budgetStatus: isClaudeCode(incoming.headers) ? 429 : 402,
    isBedrock: upstream.dialect === 'bedrock',
    now: services.now(),
  }
}

import { createHmac } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { PlannedCall } from '../../operations/index.ts'
import {
  type Change,
  changed,
  estimatedInput,
  outputLimit,
  type RequestEndpoint,
  type RequestNeeds,
  requestNeeds,
  usageInStream,
} from '../../usage/index.ts'
import type { Gateway, GatewayAsker } from './gateway.ts'
import { identityOf } from './identity.ts'
import type { RequestBody } from './request-body.ts'
import type { Route } from './route.ts'

/** A request as it will be metered: what is held for it, and what tells its repetitions. */
export interface Plan {
  readonly needs: RequestNeeds
  readonly call: PlannedCall
  /** Equal for equal requests of one caller. */
  readonly request: string
}

/** Where neither the request nor anybody says how much a model writes. A stream that writes more is held more for. */
const UNKNOWN_OUTPUT_TOKENS = 32_768

/** What a request will cost at most, and whom; null where it names no model: its provider says what it lacks. */
export function planned(
  gateway: Gateway,
  asker: GatewayAsker,
  incoming: IncomingMessage,
  route: Route & { readonly endpoint: RequestEndpoint },
  body: RequestBody,
): Plan | null {
  const { services, attempts, limitsOf } = gateway
  const needs = requestNeeds(route.endpoint, route.path, body.value, body.bytes.length)
  if (needs.model === null) return null
  const fingerprint = createHmac('sha256', services.fingerprintKey).update(`${route.path}\n`).update(body.bytes).digest('hex')
  const request = `${asker.caller.actor}\n${fingerprint}`
  const before = attempts.before(request, services.now())
  const call: PlannedCall = {
    said: identityOf(incoming.headers, needs.user),
    seller: route.upstream.seller,
    model: needs.model,
    inputTokens: heldInput(gateway, needs, body, limitsOf(needs.model).inputTokens),
    outputTokens: heldOutput(gateway, needs, limitsOf(needs.model).outputTokens),
    clamp: needs.outputTokens === null,
    cacheWrites: needs.cacheWrites,
    others: needs.others,
    tier: needs.tier,
    fingerprint,
    source: 'gateway',
    retryOf: before === null ? null : { callId: before.callId, attempt: before.attempt + 1 },
  }
  return { needs, call, request }
}

/** No model reads more than its context, whatever is pointed at. */
function heldInput({ hold }: Gateway, needs: RequestNeeds, body: RequestBody, most: number | null): number {
  if (hold.input === 'estimate') return estimatedInput(body.value, needs.input)
  if (needs.input.unseen) return most ?? needs.input.most
  return most === null ? needs.input.most : Math.min(most, needs.input.most)
}

function heldOutput({ hold }: Gateway, { outputTokens, choices, streams }: RequestNeeds, most: number | null): number {
  if (outputTokens !== null) return outputTokens
  const first = streams ? hold.firstOutputTokens : null
  return Math.min(first ?? Number.POSITIVE_INFINITY, most ?? UNKNOWN_OUTPUT_TOKENS) * choices
}

/**
 * The body as it is sent: the client's own bytes, but for a limit where less is held than the model may write, and for the usage that a stream must be asked
 * for. `hidesUsage`: the client did not ask for it.
 */
export function sentBody(
  body: RequestBody,
  { needs, call }: Plan,
  granted: { readonly clamped: boolean; readonly maxOutputTokens: number },
  mayAskUsage: boolean,
): { readonly bytes: Buffer; readonly hidesUsage: boolean } {
  const { text, value } = body
  if (text === null || typeof value !== 'object' || value === null || Array.isArray(value)) return { bytes: body.bytes, hidesUsage: false }
  const asksUsage = mayAskUsage ? usageInStream(needs.endpoint, value) : null
  const limit = granted.clamped ? outputLimit(needs.endpoint, call.seller, Math.floor(granted.maxOutputTokens / needs.choices)) : null
  const changes = [asksUsage, limit].filter((change): change is Change => change !== null)
  if (changes.length === 0) return { bytes: body.bytes, hidesUsage: false }
  return { bytes: Buffer.from(changed(text, value as Record<string, unknown>, changes)), hidesUsage: asksUsage !== null }
}

import type { ServerResponse } from 'node:http'
import {
  type CachedAnswer,
  type CachePolicy,
  cacheDirectives,
  type GatewayPolicy,
  type PostedHit,
  postCacheHit,
  type RequestKeys,
  requestKeys,
  type UnitVector,
} from '../../../operations/index.ts'
import { refuse } from '../reply.ts'
import { embedded } from './embed.ts'
import { type Recorder, recorder } from './recorder.ts'
import type { MeteredRequest } from './request.ts'

/** What the cache has to do with a call that it does not answer. */
export interface CacheCourse {
  /** What the answer says of it. */
  readonly headers: Readonly<Record<string, string>>
  /** What the call is tagged with. */
  readonly tags: Readonly<Record<string, string>>
  readonly recorder: Recorder | null
}

const NONE: CacheCourse = { headers: {}, tags: {}, recorder: null }
/** What is asked of these is answered in text or numbers, and all of it is in the request. */
const CACHEABLE: ReadonlySet<string> = new Set(['chat', 'completions', 'responses', 'messages', 'generate', 'embeddings'])

interface Governed {
  readonly organization: string
  readonly policy: GatewayPolicy
}

/** Answers a request from the cache where its policy says so and something is there; otherwise says what becomes of the answer. */
export async function fromCache(request: MeteredRequest, governed: Governed): Promise<'answered' | CacheCourse> {
  const { cache } = governed.policy
  if (cache === null || !CACHEABLE.has(request.route.endpoint)) return NONE
  const { headers } = request.incoming
  const { reads, stores, maxAgeMs } = cacheDirectives(headers['x-purser-cache'], headers['cache-control'])
  if (!reads && !stores) return bypassed('asked for')
  const keys = keysOf(request, governed, cache)
  if (typeof keys === 'string') return bypassed(keys)
  const ttlMs = cache.ttl_seconds * 1_000
  const oldest = Math.min(ttlMs, maxAgeMs ?? ttlMs)
  const { cache: kept, services } = request.gateway
  let turn: { readonly bucket: string; readonly vector: UnitVector } | undefined
  if (reads) {
    const exact = kept.find(keys.exact, oldest)
    if (exact !== null) return answered(request, governed, { answer: exact, match: 'exact', similarity: null })
    const vector = await vectorFor(request, cache, keys)
    if (vector !== null && keys.turn !== null) {
      turn = { bucket: keys.turn.bucket, vector }
      const near = kept.nearest(turn.bucket, vector, cache.threshold ?? 1, oldest)
      if (near !== null) return answered(request, governed, { ...near, match: 'semantic' })
    }
  }
  const worth = { maxAnswerBytes: cache.max_answer_bytes, toolCalls: cache.tool_calls }
  return {
    headers: { 'x-purser-cache': reads ? 'miss' : 'bypass; no-cache' },
    tags: reads ? { cache: 'miss' } : {},
    recorder: stores ? recorder(services.now, worth, (answer) => void kept.keep(keys.exact, answer, ttlMs, turn)) : null,
  }
}

function bypassed(why: string): CacheCourse {
  return { ...NONE, headers: { 'x-purser-cache': `bypass; ${why}` } }
}

/** The keys of a request, or why it is not cached. */
function keysOf({ gateway, asker, incoming, route, body, plan }: MeteredRequest, { organization, policy }: Governed, cache: CachePolicy) {
  const { said } = plan.call
  const sharing = {
    user: said.user_id ?? null,
    agent: asker.caller.agent ?? said.agent_name ?? null,
    organization,
  }[cache.scope]
  if (sharing === null) return `no ${cache.scope}`
  const { value } = body
  if (body.text === null || typeof value !== 'object' || value === null || Array.isArray(value)) return 'no JSON object'
  const keys = requestKeys(
    {
      organization,
      scope: [cache.scope, sharing],
      policy: `${policy.policy_id}\n${JSON.stringify(policy.routing.cheapest)}`,
      upstream: route.upstream.name,
      endpoint: route.endpoint,
      path: route.path,
      headers: incoming.headers,
      streams: plan.needs.streams,
      body: value as Readonly<Record<string, unknown>>,
    },
    gateway.services.fingerprintKey,
  )
  return keys ?? 'depends on more than the request'
}

async function vectorFor(request: MeteredRequest, cache: CachePolicy, { turn }: RequestKeys): Promise<UnitVector | null> {
  if (cache.mode !== 'semantic' || cache.embeddings === null || turn === null) return null
  try {
    return await embedded(request, cache.embeddings, turn.text)
  } catch (error) {
    request.gateway.onFault(error, request.telling.requestId)
    return null
  }
}

interface Found {
  readonly answer: CachedAnswer
  readonly match: 'exact' | 'semantic'
  readonly similarity: number | null
}

async function answered(request: MeteredRequest, { organization }: Governed, found: Found): Promise<'answered'> {
  const { gateway, asker, outgoing, plan, telling, startedAt } = request
  const { answer, match } = found
  gateway.attempts.succeeded(plan.request)
  const posted = await postCacheHit(gateway.services, asker.caller, { organization, call: plan.call, answer, match, startedAt })
  if (posted.ok) give(outgoing, found, posted.value, { requestId: telling.requestId, now: gateway.services.now() })
  else refuse(gateway, outgoing, posted.error, telling)
  return 'answered'
}

function give(
  outgoing: ServerResponse,
  { answer, match, similarity }: Found,
  { callId, savedUsd }: PostedHit,
  { requestId, now }: { readonly requestId: string; readonly now: number },
): void {
  if (outgoing.destroyed) return
  outgoing.writeHead(200, {
    'content-type': answer.contentType,
    'content-length': String(answer.body.byteLength),
    // RFC 9111, section 5.1.
    age: String(Math.max(0, Math.floor((now - answer.storedAt) / 1_000))),
    'x-request-id': requestId,
    'x-purser-call-id': callId,
    'x-purser-cost-usd': '0',
    'x-purser-saved-usd': savedUsd ?? 'unknown',
    'x-purser-cache': `hit; ${match}${similarity === null ? '' : `; similarity=${similarity.toFixed(4)}`}`,
  })
  outgoing.end(answer.body)
}

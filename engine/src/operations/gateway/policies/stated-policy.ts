import type { GatewayPolicySet } from '@purser/contract'
import { fail, ok, type Result, refusal } from '../../../kernel/index.ts'
import type { CachePolicy, Cheapest, GatewayPolicy, OnError, RouteTarget } from './policy.ts'

const PRIORITY = 100
const ANSWER_BYTES = 256 * 1024
const FAILURES: OnError['errors'] = ['timeout', 'connection', 'rate_limited', 'server_error', 'overloaded']

/** What is known of the places that calls are passed on to. */
export interface KnownUpstream {
  readonly name: string
  /** Whose API it speaks, e.g. `openai`: a request in one dialect is not understood in another. */
  readonly dialect: string
}

/** A policy as stated → as it is kept. Refuses what cannot work: names of upstreams that are not there, routes into another dialect, a threshold of nothing. */
export function statedPolicy(input: GatewayPolicySet, id: string, upstreams: readonly KnownUpstream[]): Result<GatewayPolicy> {
  const match = statedMatch(input.match ?? {})
  const cache = statedCache(input, upstreams)
  if (!cache.ok) return cache
  const { on_error = null, cheapest = null } = input.routing ?? {}
  const budget_status = input.budget_status ?? null
  if (cache.value === null && on_error === null && cheapest === null && budget_status === null)
    return fail(refusal('missing_field', 'a policy says what is cached, how calls are routed, or how they are refused', { path: '/cache' }))
  for (const [index, name] of (match.upstreams ?? []).entries()) {
    if (!upstreams.some((upstream) => upstream.name === name)) return fail(unknownUpstream(name, upstreams, `/match/upstreams/${index}`))
  }
  for (const [targets, path] of [
    [on_error?.routes ?? [], '/routing/on_error/routes'],
    [cheapest?.candidates ?? [], '/routing/cheapest/candidates'],
  ] as const) {
    const checked = checkedTargets(targets.map(targetOf), match.upstreams, upstreams, path)
    if (!checked.ok) return checked
  }
  return ok({
    policy_id: id,
    name: input.name ?? null,
    priority: input.priority ?? PRIORITY,
    enabled: input.enabled ?? true,
    match,
    cache: cache.value,
    budget_status,
    routing: {
      on_error: on_error === null ? null : statedOnError(on_error),
      cheapest: cheapest === null ? null : statedCheapest(cheapest),
    },
  })
}

function statedMatch(stated: NonNullable<GatewayPolicySet['match']>): GatewayPolicy['match'] {
  const { keys = null, upstreams = null, endpoints = null, models = null, agents = null, teams = null } = stated
  return { keys, upstreams, endpoints, models, agents, teams }
}

function statedCache({ cache, match }: GatewayPolicySet, upstreams: readonly KnownUpstream[]): Result<CachePolicy | null> {
  if (cache === undefined || cache === null) return ok(null)
  const { mode, ttl_seconds, scope, threshold = null, embeddings = null, max_answer_bytes, tool_calls } = cache
  const isSemantic = mode === 'semantic'
  for (const [field, value] of Object.entries({ threshold, embeddings })) {
    if (isSemantic && value === null)
      return fail(refusal('missing_field', `a semantic cache states its ${field}`, { path: `/cache/${field}` }))
    if (!isSemantic && value !== null)
      return fail(refusal('invalid_field', `only a semantic cache takes ${field}`, { path: `/cache/${field}` }))
  }
  if (isSemantic && match?.endpoints?.some((endpoint) => endpoint === 'embeddings') === true)
    return fail(refusal('invalid_field', 'embeddings are cached by exact match alone', { path: '/cache/mode' }))
  const embedder = embeddings === null ? undefined : upstreams.find(({ name }) => name === embeddings.upstream)
  if (embeddings !== null && embedder === undefined)
    return fail(unknownUpstream(embeddings.upstream, upstreams, '/cache/embeddings/upstream'))
  if (embedder !== undefined && embedder.dialect !== 'openai')
    return fail(
      refusal('invalid_field', `"${embedder.name}" does not speak the API of OpenAI, in which embeddings are asked for`, {
        path: '/cache/embeddings/upstream',
      }),
    )
  return ok({
    mode,
    ttl_seconds,
    scope: scope ?? 'user',
    threshold,
    embeddings,
    max_answer_bytes: max_answer_bytes ?? ANSWER_BYTES,
    tool_calls: tool_calls ?? false,
  })
}

function statedOnError({ errors, timeout_seconds, routes }: NonNullable<NonNullable<GatewayPolicySet['routing']>['on_error']>): OnError {
  return { errors: errors ?? [...FAILURES], timeout_seconds: timeout_seconds ?? null, routes: routes.map(targetOf) }
}

function statedCheapest({
  candidates,
  quality,
  quality_floor,
}: NonNullable<NonNullable<GatewayPolicySet['routing']>['cheapest']>): Cheapest {
  return { candidates: candidates.map(targetOf), quality, quality_floor }
}

function targetOf({ upstream, model }: { readonly upstream?: string | null; readonly model: string }): RouteTarget {
  return { upstream: upstream ?? null, model }
}

/**
 * A request is passed on as it is, with another model: so a route stays in its dialect. Where a route names an upstream it must be known which upstreams the
 * calls are for.
 */
function checkedTargets(
  targets: readonly RouteTarget[],
  own: readonly string[] | null,
  upstreams: readonly KnownUpstream[],
  path: string,
): Result<null> {
  const seen = new Set<string>()
  for (const [index, { upstream, model }] of targets.entries()) {
    const at = `${path}/${index}`
    const key = JSON.stringify([upstream, model])
    if (seen.has(key)) return fail(refusal('invalid_field', `"${model}" is there twice`, { path: at }))
    seen.add(key)
    if (upstream === null) continue
    const target = upstreams.find(({ name }) => name === upstream)
    if (target === undefined) return fail(unknownUpstream(upstream, upstreams, `${at}/upstream`))
    if (own === null)
      return fail(
        refusal('missing_field', 'a route to another upstream needs the upstreams that the calls are for', { path: '/match/upstreams' }),
      )
    const foreign = upstreams.find(({ name, dialect }) => own.includes(name) && dialect !== target.dialect)
    if (foreign !== undefined) {
      const detail = `calls for "${foreign.name}" are in the dialect ${foreign.dialect}, which "${upstream}" does not speak`
      return fail(refusal('invalid_field', detail, { path: `${at}/upstream` }))
    }
  }
  return ok(null)
}

function unknownUpstream(name: string, upstreams: readonly KnownUpstream[], path: string): ReturnType<typeof refusal> {
  const known = upstreams.map((upstream) => upstream.name).join(', ')
  return refusal('invalid_field', `there is no upstream "${name}" here${known === '' ? '' : `; there are ${known}`}`, { path })
}

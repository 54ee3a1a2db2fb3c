import { type GatewayPolicy, type OnError, policyOfCall } from '../../../operations/index.ts'
import type { Failure } from '../dialects/index.ts'
import { relay, type UnderWay } from '../relay.ts'
import { refuse } from '../reply.ts'
import { type CacheCourse, fromCache } from './cached.ts'
import type { MeteredRequest } from './request.ts'
import { asAsked, attemptAt, type Departure, depart, departCheapest, headerText } from './routes.ts'

/** Answers a request as its policy says: from the cache, at the cheapest model, at another one after an error; as it came where no policy is for it. */
export async function conduct(asked: MeteredRequest): Promise<void> {
  const { gateway, asker, route, plan, outgoing } = asked
  const about = { upstream: route.upstream.name, endpoint: route.endpoint, model: plan.call.model }
  const found = await policyOfCall(gateway.services, asker.caller, plan.call.said, about)
  if (!found.ok) return refuse(gateway, outgoing, found.error, asked.telling)
  const request = refusingAs(asked, found.value?.policy.budget_status ?? null)
  const { telling } = request
  if (found.value === null) {
    const departed = await depart(request, asAsked(request), {})
    if (departed.ok) await travelled(request, departed.value, null)
    else refuse(gateway, outgoing, departed.error, telling)
    return
  }
  const { organization, policy } = found.value
  const cached = await fromCache(request, { organization, policy })
  if (cached === 'answered') return
  const { cheapest, on_error } = policy.routing
  const departed =
    cheapest === null
      ? await depart(request, asAsked(request), cached.tags)
      : await departCheapest(request, { organization, cheapest, tags: { ...cached.tags, gateway_policy: policy.policy_id } })
  if (!departed.ok) return refuse(gateway, outgoing, departed.error, telling)
  await answeredOrNext(request, policy, on_error, cached, departed.value)
}

/** The same request, whose refusals by budget have the status that its policy gives them. */
function refusingAs(request: MeteredRequest, budgetStatus: GatewayPolicy['budget_status']): MeteredRequest {
  return budgetStatus === null ? request : { ...request, telling: { ...request.telling, budgetStatus } }
}

/** Tries the routes of a policy in their order while attempts fail and nothing has been sent to the client. */
async function answeredOrNext(
  request: MeteredRequest,
  policy: GatewayPolicy,
  onError: OnError | null,
  cached: CacheCourse,
  first: Departure,
): Promise<void> {
  const { plan, outgoing } = request
  const routes = [...(onError?.routes ?? [])]
  const tried = new Set([nameOf(first)])
  const before = plan.call.retryOf
  const origin = before?.callId ?? first.passage.callId
  const headers = { 'x-purser-policy': headerText(policy.policy_id), ...cached.headers }
  let departure: Departure = { ...first, headers: { ...headers, ...first.headers } }
  for (let attempts = 1; ; attempts++) {
    const tell = await travelled(request, departure, {
      headers: departure.headers,
      // Somebody waits no longer than this where there is somewhere else to go.
      headMs: onError === null || onError.timeout_seconds === null || routes.length === 0 ? null : onError.timeout_seconds * 1_000,
      // Only what the client asked for is what it finds again: an answer of another model after an error is not kept.
      recorder: attempts === 1 ? cached.recorder : null,
      fallsBack: (failed) => onError !== null && routes.length > 0 && onError.errors.some((error) => error === failureKind(failed)),
    })
    if (tell === null || outgoing.destroyed) return
    const next = await nextDeparture(request, routes, tried, {
      tags: { ...cached.tags, gateway_policy: policy.policy_id, gateway_route: 'fallback', gateway_model_requested: plan.call.model },
      retryOf: { callId: origin, attempt: (before?.attempt ?? 1) + attempts },
    })
    if (next === null) return tell()
    const route = `fallback; ${next.attempt.route.upstream.name}/${next.attempt.plan.call.model}`
    departure = { ...next, headers: { ...headers, 'x-purser-route': headerText(route), 'x-purser-attempts': String(attempts + 1) } }
  }
}

/** The next route that has not been tried and is let through; a route that a budget refuses is left out. */
async function nextDeparture(
  request: MeteredRequest,
  routes: OnError['routes'],
  tried: Set<string>,
  {
    tags,
    retryOf,
  }: { readonly tags: Readonly<Record<string, string>>; readonly retryOf: { readonly callId: string; readonly attempt: number } },
): Promise<Departure | null> {
  for (let target = routes.shift(); target !== undefined; target = routes.shift()) {
    const attempt = attemptAt(request, target)
    if (attempt === null) continue
    const again = { ...attempt, plan: { ...attempt.plan, call: { ...attempt.plan.call, retryOf } } }
    const name = nameOf({ attempt: again })
    if (tried.has(name)) continue
    tried.add(name)
    const departed = await depart(request, again, tags)
    if (departed.ok) return departed.value
  }
  return null
}

function nameOf({ attempt: { route, plan } }: Pick<Departure, 'attempt'>): string {
  return `${route.upstream.name}/${plan.call.model}`
}

/** One attempt on its way; null: it was answered, else what tells the client of its failure. */
async function travelled(
  request: MeteredRequest,
  { attempt, passage }: Departure,
  course: UnderWay['course'],
): Promise<(() => void) | null> {
  const { gateway, underWay, incoming, outgoing, telling, startedAt } = request
  underWay.add(passage)
  try {
    return await relay({ ...attempt, gateway, incoming, outgoing, passage, telling, startedAt, course })
  } finally {
    underWay.delete(passage)
  }
}

/** A failure in the words of a policy; null for one that no route helps against. */
function failureKind({ status, failure }: { readonly status: number; readonly failure: Failure | null }) {
  if (failure !== null) return failure.code === 'upstream_timeout' ? 'timeout' : 'connection'
  if (status === 429) return 'rate_limited'
  if (status === 529) return 'overloaded'
  return status >= 500 ? 'server_error' : null
}

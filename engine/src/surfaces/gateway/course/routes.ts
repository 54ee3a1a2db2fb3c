import { cheapestRoute, explainedRoute, type RouteCandidate } from '../../../insights/index.ts'
import { ok, type Picos, picosOfUsd, type Refusal, type Result, wellFormedText } from '../../../kernel/index.ts'
import {
  beginPassage,
  type Cheapest,
  type Passage,
  type PlannedCall,
  type RouteTarget,
  routePrices,
  withTags,
} from '../../../operations/index.ts'
import { changed, estimatedInput } from '../../../usage/index.ts'
import { headersForAnother } from '../headers.ts'
import { planned } from '../plan.ts'
import type { RequestBody } from '../request-body.ts'
import { routeOf } from '../route.ts'
import type { Attempt, MeteredRequest } from './request.ts'

/** A call that is let through on one of its ways, and what is told of the choice. */
export interface Departure {
  readonly attempt: Attempt
  readonly passage: Passage
  readonly headers: Readonly<Record<string, string>>
}

const ROUTABLE: ReadonlySet<string> = new Set(['chat', 'completions', 'responses', 'messages', 'generate', 'embeddings'])

/** The same request at another model, of the same dialect; null where its model cannot be changed, or its embeddings would be of another kind. */
export function attemptAt(request: MeteredRequest, { upstream, model }: RouteTarget): Attempt | null {
  const { gateway, asker, incoming, route, body, plan } = request
  if (!ROUTABLE.has(route.endpoint) || (route.endpoint === 'embeddings' && model !== plan.call.model)) return null
  const rest = (incoming.url ?? '').replace(/^\/[^/?]+/, '')
  const there = upstream ?? route.upstream.name
  const changedBody = bodyWith(body, model)
  const path = pathWith(rest, model)
  if (changedBody === null && path === null) return null
  const at = routeOf(gateway.upstreams, 'POST', `/${there}${path ?? rest}`)
  if (at === null || at.upstream.dialect !== route.upstream.dialect || at.endpoint !== route.endpoint) return null
  const own = changedBody ?? body
  const metered = { ...at, endpoint: route.endpoint }
  const its = planned(gateway, asker, incoming, metered, own)
  const asked = at.upstream.name === route.upstream.name ? incoming.headers : headersForAnother(incoming.headers)
  return its === null ? null : { route: metered, asked, body: own, plan: { ...its, request: plan.request } }
}

function bodyWith(body: RequestBody, model: string): RequestBody | null {
  const { text, value } = body
  if (text === null || typeof value !== 'object' || value === null || !('model' in value)) return null
  if (value.model === model) return body
  const changedText = changed(text, value as Readonly<Record<string, unknown>>, [{ member: 'model', value: model }])
  return { bytes: Buffer.from(changedText), text: changedText, value: { ...value, model } }
}

/** Where a path names the model: Gemini's, Azure's deployments, Bedrock's. */
const NAMED_IN_PATH = [/(\/models\/)[^/:?]+(?=:)/, /(\/deployments\/)[^/?]+/, /(\/model\/)[^/?]+(?=\/)/] as const

function pathWith(path: string, model: string): string | null {
  const named = NAMED_IN_PATH.find((pattern) => pattern.test(path))
  return named === undefined ? null : path.replace(named, (_, before: string) => `${before}${encodeURIComponent(model)}`)
}

/** The call as it came. */
export function asAsked({ route, incoming, body, plan }: MeteredRequest): Attempt {
  return { route, asked: incoming.headers, body, plan }
}

/** Lets a call through on one of its ways. */
export async function depart(
  request: MeteredRequest,
  attempt: Attempt,
  tags: Readonly<Record<string, string>>,
  headers: Departure['headers'] = {},
): Promise<Result<Departure>> {
  const { gateway, asker } = request
  const call = tagged(attempt.plan.call, tags)
  const begun = await beginPassage(gateway.services, asker.caller, call)
  const { route, asked, body, plan } = attempt
  return begun.ok ? ok({ attempt: { route, asked, body, plan: { ...plan, call } }, passage: begun.value, headers }) : begun
}

function tagged(call: PlannedCall, tags: Readonly<Record<string, string>>): PlannedCall {
  return Object.keys(tags).length === 0 ? call : { ...call, said: withTags(call.said, tags) }
}

interface Way extends RouteCandidate {
  readonly attempt: Attempt
}

/**
 * Lets a call through at the cheapest model that its policy accepts and that fits. The ledger decides what fits: where a budget refuses, the next choice is made
 * with what is left, and where none fits the first refusal stands. Where none qualifies the call goes where it was asked to go.
 */
export async function departCheapest(
  request: MeteredRequest,
  {
    organization,
    cheapest,
    tags,
  }: { readonly organization: string; readonly cheapest: Cheapest; readonly tags: Readonly<Record<string, string>> },
): Promise<Result<Departure>> {
  let ways = waysOf(request, organization, cheapest)
  let most: Picos | null = null
  let refused: Result<Departure> | null = null
  for (;;) {
    const choice = cheapestRoute(ways, { floor: cheapest.quality_floor, most })
    const explained = explainedRoute(choice)
    const { chosen } = choice
    if (chosen === null)
      return refused ?? depart(request, asAsked(request), { ...tags, gateway_considered: explained }, told('as asked', explained))
    const { model } = chosen
    const routed = { ...tags, gateway_route: 'cheapest', gateway_model_requested: request.plan.call.model, gateway_considered: explained }
    const departed = await depart(request, chosen.attempt, routed, told(`cheapest; ${model}`, explained))
    if (departed.ok || departed.error.code !== 'budget_exceeded') return departed
    refused ??= departed
    // A call that states no limit is given the longest answer that fits, so that what is left says nothing of the others.
    most = request.plan.call.clamp ? null : mostThatFitsAny(departed.error)
    ways = ways.map((way) => (way === chosen ? { ...way, ruledOut: 'over_budget' as const } : way))
  }
}

/** Servers and clients take a few thousand characters of headers together. */
const HEADER_CHARS_MAX = 1_024

function told(route: string, considered: string): Record<string, string> {
  return { 'x-purser-route': headerText(route), 'x-purser-considered': headerText(considered).slice(0, HEADER_CHARS_MAX) }
}

/** Names are any text; headers carry printable ASCII. */
export function headerText(text: string): string {
  return wellFormedText(text).replace(/[^\x20-\x7e]/gu, encodeURIComponent)
}

function waysOf(request: MeteredRequest, organization: string, { candidates, quality }: Cheapest): Way[] {
  const { gateway, body } = request
  const attempts = candidates.flatMap((target) => {
    const attempt = attemptAt(request, target)
    return attempt === null ? [] : [{ target, attempt }]
  })
  const outputTokens = Math.min(...attempts.map(({ attempt }) => attempt.plan.call.outputTokens))
  return attempts.map(({ target: { model, upstream }, attempt }) => {
    const reads = gateway.limitsOf(model).inputTokens
    const isTooLong = reads !== null && estimatedInput(body.value, attempt.plan.needs.input) > reads
    return {
      ...routePrices(gateway.services, organization, attempt.plan.call, outputTokens),
      model,
      upstream,
      attempt,
      quality: Object.hasOwn(quality, model) ? (quality[model] ?? null) : null,
      ruledOut: isTooLong ? 'too_long' : null,
    }
  })
}

/** What any model may cost at most after one was refused; null where budgets of that model or its seller refused it: they say nothing of the others. */
function mostThatFitsAny({ facts }: Refusal): Picos | null {
  const refusedBy = (facts?.refused_by ?? []) as readonly { readonly dimension?: string }[]
  if (refusedBy.some(({ dimension }) => dimension === 'model' || dimension === 'seller')) return null
  const most = facts?.most_that_fits_usd
  return typeof most === 'string' ? picosOfUsd(most) : null
}

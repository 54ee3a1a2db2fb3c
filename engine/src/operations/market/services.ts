import { publishService, type Service, type ServicesAnswer, searchServices, withdrawService } from '@purser/contract'
import { fail, formatInstant, ok, type Picos, type Result, refusal, usdOfPicos } from '../../kernel/index.ts'
import type { AuditDraft, ServiceOffer } from '../../ledger/index.ts'
import { ownAgent } from '../authority/own-agent.ts'
import { organizationOf } from '../authority/scope.ts'
import type { Caller, Context } from '../context.ts'
import { implement } from '../operation.ts'
import { statedAmount } from '../validation/index.ts'

const FOUND_MAX = 100

/** Offers a service, or changes an offer of one's own. Audited. */
export const publishServiceOperation = implement(publishService, async ({ services, caller }, input): Promise<Result<Service>> => {
  const organization = organizationOf(caller, input.organization_id)
  if (!organization.ok) return organization
  const agent = ownAgent(caller, input.agent_name, '/agent_name')
  if (!agent.ok) return agent
  const price = statedAmount(input.price_usd, '/price_usd')
  if (!price.ok) return price
  const id = input.service_id ?? services.newId()
  const known = await services.market.service(organization.value, id)
  if (known !== null && known.agent !== agent.value) return fail(notOffered(id))
  const now = services.now()
  const offer: ServiceOffer = {
    organization: organization.value,
    id,
    agent: agent.value,
    name: input.name,
    description: input.description ?? null,
    price: price.value,
    tags: [...new Set(input.tags ?? [])],
    createdAt: known?.createdAt ?? now,
    withdrawnAt: null,
  }
  await services.market.putService(offer, auditOf(caller, 'publish_service', offer, known, now))
  return ok(answerOf(offer))
})

/** What is offered, the cheapest first. */
export const searchServicesOperation = implement(searchServices, async ({ services, caller }, input): Promise<Result<ServicesAnswer>> => {
  const organization = organizationOf(caller, input.organization_id)
  if (!organization.ok) return organization
  const most = input.max_price_usd === undefined ? ok(null) : statedAmount(input.max_price_usd, '/max_price_usd')
  if (!most.ok) return most
  const wanted = { words: wordsOf(input.query ?? ''), agent: input.agent_name ?? null, most: most.value }
  const found = (await services.market.services(organization.value)).filter((offer) => suits(offer, wanted)).sort(byPrice)
  return ok({ services: found.slice(0, input.limit ?? FOUND_MAX).map(answerOf), total: found.length })
})

/** Takes an offer back. Again is the same. Audited. */
export const withdrawServiceOperation = implement(withdrawService, async (context, input): Promise<Result<Service>> => {
  const { services, caller } = context
  const known = await offerOf(context, input)
  if (!known.ok || known.value.withdrawnAt !== null) return known.ok ? ok(answerOf(known.value)) : known
  const now = services.now()
  const offer = { ...known.value, withdrawnAt: now }
  await services.market.putService(offer, auditOf(caller, 'withdraw_service', offer, known.value, now))
  return ok(answerOf(offer))
})

async function offerOf(
  { services, caller }: Context,
  { service_id: id, organization_id }: { readonly service_id: string; readonly organization_id?: string | null },
): Promise<Result<ServiceOffer>> {
  const organization = organizationOf(caller, organization_id)
  if (!organization.ok) return organization
  const known = await services.market.service(organization.value, id)
  return known === null || (caller.agent !== null && caller.agent !== known.agent) ? fail(notOffered(id)) : ok(known)
}

interface Wanted {
  readonly words: readonly string[]
  readonly agent: string | null
  readonly most: Picos | null
}

function suits(offer: ServiceOffer, { words, agent, most }: Wanted): boolean {
  if (offer.withdrawnAt !== null || (agent !== null && offer.agent !== agent) || (most !== null && offer.price > most)) return false
  const text = [offer.name, offer.description ?? '', offer.agent, ...offer.tags].join(' ').toLowerCase()
  return words.every((word) => text.includes(word))
}

function wordsOf(query: string): string[] {
  return query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
}

function byPrice(a: ServiceOffer, b: ServiceOffer): number {
  if (a.price !== b.price) return a.price < b.price ? -1 : 1
  return a.createdAt - b.createdAt
}

function notOffered(id: string): ReturnType<typeof refusal> {
  return refusal('not_found', `there is no service "${id}" here`, { path: '/service_id' })
}

function answerOf({ id, organization, agent, name, description, price, tags, createdAt }: ServiceOffer): Service {
  return {
    service_id: id,
    organization_id: organization,
    agent_name: agent,
    name,
    description,
    price_usd: usdOfPicos(price),
    tags: [...tags],
    created_at: formatInstant(createdAt),
  }
}

function auditOf(caller: Caller, action: string, after: ServiceOffer, before: ServiceOffer | null, at: number): AuditDraft {
  return {
    at,
    organization: after.organization,
    actor: caller.actor,
    action,
    target: after.id,
    before: before === null ? null : JSON.stringify(answerOf(before)),
    after: JSON.stringify(answerOf(after)),
  }
}

import {
  type MetricsSubmitted,
  publishServiceTool as publishDefinition,
  type Service,
  type ServicesAnswer,
  searchServicesTool as searchDefinition,
  submitMetricsTool as submitDefinition,
} from '@purser/contract'
import { ok, type Result, usdOfPicos } from '../../../kernel/index.ts'
import { submitMetricsOperation } from '../../market/metrics.ts'
import { publishServiceOperation, searchServicesOperation } from '../../market/services.ts'
import { roundedFrom, statedAmount } from '../amount.ts'
import { implementTool, inside } from '../tool.ts'
import { refused } from './operation-result.ts'

/** What agents of the organization offer. */
export const searchServicesTool = implementTool(searchDefinition, async (context, input): Promise<Result<unknown>> => {
  const most = input.max_price === undefined ? ok(null) : statedAmount(input.max_price, '/max_price', 'allowed')
  if (!most.ok) return most
  const found = await searchServicesOperation.run(inside(context), {
    organization_id: context.organization,
    ...(input.query === undefined ? {} : { query: input.query }),
    ...(most.value === null ? {} : { max_price_usd: usdOfPicos(most.value.amount) }),
    ...(input.limit === undefined ? {} : { limit: input.limit }),
  })
  if (!found.ok) return refused(found.error)
  const { services, total } = found.value as ServicesAnswer
  return ok({ services: services.map(serviceMembers), total })
})

/** Offers a service of the agent. */
export const publishServiceTool = implementTool(publishDefinition, async (context, input): Promise<Result<unknown>> => {
  const price = statedAmount(input.price, '/price', 'allowed')
  if (!price.ok) return price
  const published = await publishServiceOperation.run(inside(context), {
    organization_id: context.organization,
    agent_name: context.agent,
    name: input.name,
    price_usd: usdOfPicos(price.value.amount),
    description: input.description ?? null,
    service_id: input.service_id ?? null,
    ...(input.tags === undefined ? {} : { tags: input.tags }),
  })
  return published.ok
    ? ok({ ...serviceMembers(published.value as Service), ...roundedFrom({ price: price.value }) })
    : refused(published.error)
})

/** Keeps figures about an agent's work. */
export const submitMetricsTool = implementTool(submitDefinition, async (context, input): Promise<Result<unknown>> => {
  const submitted = await submitMetricsOperation.run(inside(context), {
    organization_id: context.organization,
    agent_name: context.agent,
    metrics: input.metrics,
    escrow_id: input.escrow_id ?? null,
    metrics_id: input.metrics_id ?? null,
  })
  if (!submitted.ok) return refused(submitted.error)
  const { metrics_id, agent_name, metrics, escrow_id, at, replayed } = submitted.value as MetricsSubmitted
  return ok({ metrics_id, agent_id: agent_name, metrics, escrow_id, submitted_at: at, replayed })
})

function serviceMembers(service: Service) {
  return {
    service_id: service.service_id,
    agent_id: service.agent_name,
    name: service.name,
    description: service.description,
    price: service.price_usd,
    tags: service.tags,
    created_at: service.created_at,
  }
}

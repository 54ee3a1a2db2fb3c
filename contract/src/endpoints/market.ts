import {
  MetricsAnswer,
  MetricsQuery,
  MetricsSubmitted,
  PublishService,
  Service,
  ServicesAnswer,
  ServicesQuery,
  SubmitMetrics,
  WithdrawService,
} from '../market.ts'
import { endpoint } from './endpoint.ts'

const family = 'Services between agents'

export const publishService = endpoint({
  operation: 'publish_service',
  method: 'PUT',
  path: '/v1/finops/services',
  input: PublishService,
  answer: Service,
  permission: 'report',
  family,
  summary: 'Offer a service to other agents, at a price',
  description: 'Under a known service_id the offer is changed. Escrows that are open keep their amount.',
  example: { input: { agent_name: 'summarizer', name: 'Summaries', price_usd: '0.25', tags: ['text'] } },
})

export const searchServices = endpoint({
  operation: 'search_services',
  method: 'GET',
  path: '/v1/finops/services',
  input: ServicesQuery,
  answer: ServicesAnswer,
  permission: 'report',
  family,
  summary: 'What agents offer',
  example: { input: { query: 'summaries' } },
})

export const withdrawService = endpoint({
  operation: 'withdraw_service',
  method: 'POST',
  path: '/v1/finops/services/{service_id}/withdraw',
  input: WithdrawService,
  answer: Service,
  permission: 'report',
  family,
  summary: 'Take a service from offer',
  example: { input: { service_id: 'service_1' } },
})

export const submitMetrics = endpoint({
  operation: 'submit_metrics',
  method: 'POST',
  path: '/v1/finops/metrics',
  input: SubmitMetrics,
  answer: MetricsSubmitted,
  permission: 'report',
  family,
  idempotencyField: 'metrics_id',
  summary: 'State figures about an agent’s work',
  example: { input: { agent_name: 'summarizer', metrics: { accuracy: 0.95 } } },
})

export const listMetrics = endpoint({
  operation: 'list_metrics',
  method: 'GET',
  path: '/v1/finops/metrics',
  input: MetricsQuery,
  answer: MetricsAnswer,
  permission: 'read',
  family,
  summary: 'Figures that agents stated, averaged',
  example: { input: { agent_name: 'summarizer' } },
})

export const MARKET = [publishService, searchServices, withdrawService, submitMetrics, listMetrics] as const

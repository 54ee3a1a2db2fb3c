import {
  AlertsAnswer,
  AlertsQuery,
  DeliveryReplay,
  DeliveryReplayed,
  WebhookAnswer,
  WebhookDeleted,
  WebhookLogs,
  WebhookLogsQuery,
  WebhookNamed,
  WebhookRegister,
  WebhookRegistered,
  WebhooksAnswer,
  WebhooksQuery,
  WebhookTested,
  WebhookUpdate,
} from '../alerts.ts'
import { endpoint } from './endpoint.ts'

const family = 'Alerts'
const named = { input: { webhook_id: 'wh_1' } }

export const registerWebhook = endpoint({
  operation: 'register_webhook',
  method: 'POST',
  path: '/v1/finops/webhooks',
  input: WebhookRegister,
  answer: WebhookRegistered,
  permission: 'manage',
  family,
  status: 201,
  summary: 'Be told when a threshold of a budget is reached',
  description:
    'By a signed POST (Standard Webhooks 1.0), in Slack, or by mail. Each threshold is told once in a period. With an agent_id: what is about that agent. Verify messages with the secret of this answer.',
  example: {
    input: { agent_id: 'researcher-01', url: 'https://example.com/alerts', events: ['budget.threshold'], config: { threshold_pct: 75 } },
  },
})

export const listWebhooks = endpoint({
  operation: 'list_webhooks',
  method: 'GET',
  path: '/v1/finops/webhooks',
  input: WebhooksQuery,
  answer: WebhooksAnswer,
  permission: 'manage',
  family,
  summary: 'Who is told what',
  example: { input: {} },
})

export const updateWebhook = endpoint({
  operation: 'update_webhook',
  method: 'PUT',
  path: '/v1/finops/webhooks/{webhook_id}',
  input: WebhookUpdate,
  answer: WebhookAnswer,
  permission: 'manage',
  family,
  summary: 'Change a webhook, or enable it again',
  example: { input: { webhook_id: 'wh_1', config: { threshold_pct: 60 } } },
})

export const deleteWebhook = endpoint({
  operation: 'delete_webhook',
  method: 'POST',
  path: '/v1/finops/webhooks/{webhook_id}/remove',
  input: WebhookNamed,
  answer: WebhookDeleted,
  permission: 'manage',
  family,
  summary: 'Remove a webhook, its log, and what was on its way to it',
  example: named,
})

export const testWebhook = endpoint({
  operation: 'test_webhook',
  method: 'POST',
  path: '/v1/finops/webhooks/{webhook_id}/test',
  input: WebhookNamed,
  answer: WebhookTested,
  permission: 'manage',
  family,
  summary: 'Send a ping now, and see what comes back',
  example: named,
})

export const rotateWebhookSecret = endpoint({
  operation: 'rotate_webhook_secret',
  method: 'POST',
  path: '/v1/finops/webhooks/{webhook_id}/rotate-secret',
  input: WebhookNamed,
  answer: WebhookRegistered,
  permission: 'manage',
  family,
  summary: 'Sign with a new secret; for 24 hours the old one signs too',
  example: named,
})

export const getWebhookLogs = endpoint({
  operation: 'get_webhook_logs',
  method: 'GET',
  path: '/v1/finops/webhooks/{webhook_id}/deliveries',
  input: WebhookLogsQuery,
  answer: WebhookLogs,
  permission: 'manage',
  family,
  summary: 'Every attempt to reach a webhook, newest first',
  example: { input: { webhook_id: 'wh_1', limit: 20 } },
})

export const replayDelivery = endpoint({
  operation: 'replay_delivery',
  method: 'POST',
  path: '/v1/finops/webhooks/{webhook_id}/deliveries/{delivery_id}/replay',
  input: DeliveryReplay,
  answer: DeliveryReplayed,
  permission: 'manage',
  family,
  summary: 'Send an alert again, with the same webhook-id',
  example: { input: { webhook_id: 'wh_1', delivery_id: 'delivery_1' } },
})

export const listAlerts = endpoint({
  operation: 'list_alerts',
  method: 'GET',
  path: '/v1/finops/alerts',
  input: AlertsQuery,
  answer: AlertsAnswer,
  permission: 'read',
  family,
  summary: 'What was told, newest first',
  example: { input: { limit: 50 } },
})

export const ALERTS = [
  registerWebhook,
  listWebhooks,
  updateWebhook,
  deleteWebhook,
  testWebhook,
  rotateWebhookSecret,
  getWebhookLogs,
  replayDelivery,
  listAlerts,
] as const

import {
  deleteWebhookTool as deleteDefinition,
  listWebhooksTool as listDefinition,
  getWebhookLogsTool as logsDefinition,
  registerWebhookTool as registerDefinition,
  updateWebhookTool as updateDefinition,
  type WebhookAnswer,
  type WebhookDeleted,
  type WebhookLogs,
  type WebhookRegistered,
  type WebhooksAnswer,
} from '@purser/contract'
import { ok, type Result } from '../../../kernel/index.ts'
import { getWebhookLogsOperation } from '../../alerts/deliveries.ts'
import { listWebhooksOperation, registerWebhookOperation } from '../../alerts/register-webhook.ts'
import { deleteWebhookOperation, updateWebhookOperation } from '../../alerts/update-webhook.ts'
import { implementTool, inside } from '../tool.ts'

/** Registers who is told about an agent. The secret is in this answer alone. */
export const registerWebhookTool = implementTool(registerDefinition, async (context, input): Promise<Result<unknown>> => {
  const asked = { ...input, organization_id: context.organization, agent_id: context.agent }
  const registered = await registerWebhookOperation.run(inside(context), asked)
  if (!registered.ok) return registered
  const webhook = registered.value as WebhookRegistered
  return ok({ ...webhookMembers(webhook), secret: webhook.secret })
})

export const listWebhooksTool = implementTool(listDefinition, async (context): Promise<Result<unknown>> => {
  const listed = await listWebhooksOperation.run(inside(context), { organization_id: context.organization, agent_id: context.agent })
  return listed.ok ? ok({ webhooks: (listed.value as WebhooksAnswer).webhooks.map(webhookMembers) }) : listed
})

export const updateWebhookTool = implementTool(updateDefinition, async (context, { agent_id: _, ...input }): Promise<Result<unknown>> => {
  const updated = await updateWebhookOperation.run(inside(context), { ...input, organization_id: context.organization })
  return updated.ok ? ok(webhookMembers(updated.value as WebhookAnswer)) : updated
})

export const deleteWebhookTool = implementTool(deleteDefinition, async (context, { webhook_id }): Promise<Result<unknown>> => {
  const removed = await deleteWebhookOperation.run(inside(context), { organization_id: context.organization, webhook_id })
  return removed.ok ? ok({ webhook_id: (removed.value as WebhookDeleted).webhook_id, deleted: true }) : removed
})

/** What became of the messages of a webhook. What is not known of an attempt is left out. */
export const getWebhookLogsTool = implementTool(logsDefinition, async (context, { agent_id: _, ...input }): Promise<Result<unknown>> => {
  const found = await getWebhookLogsOperation.run(inside(context), { ...input, organization_id: context.organization })
  if (!found.ok) return found
  const { webhook_id, logs } = found.value as WebhookLogs
  return ok({ webhook_id, logs: logs.map(logMembers) })
})

function logMembers({
  timestamp,
  event,
  delivery_id,
  attempt,
  delivery_status,
  response_code,
  error,
  next_attempt_at,
}: WebhookLogs['logs'][number]) {
  return {
    timestamp,
    event,
    delivery_id,
    attempt,
    delivery_status,
    ...(response_code === null ? {} : { response_code }),
    ...(error === null ? {} : { error }),
    ...(next_attempt_at === null ? {} : { next_attempt_at }),
  }
}

function webhookMembers({ webhook_id, agent_id, url, events, config, status, created_at }: WebhookAnswer) {
  return { webhook_id, agent_id, url, events, config, status, created_at }
}

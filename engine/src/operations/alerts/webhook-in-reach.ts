import type { Webhook, WebhookChange } from '../../alerts/index.ts'
import { fail, type Millis, ok, type Result, refusal } from '../../kernel/index.ts'
import type { AuditDraft } from '../../ledger/index.ts'
import { readScope } from '../authority/scope.ts'
import type { Caller, Services } from '../context.ts'
import { webhookAnswer } from '../wire/webhook-answer.ts'

interface Named {
  readonly webhook_id: string
  readonly organization_id?: string | null
}

/** A webhook of another organization, or of another agent than the key's, does not exist for this caller. */
export async function webhookInReach(services: Services, caller: Caller, named: Named): Promise<Result<Webhook>> {
  const scope = readScope(caller, named.organization_id)
  if (!scope.ok) return scope
  const organization = 'organization' in scope.value ? scope.value.organization : null
  const webhook = await services.alerts.webhook(organization, named.webhook_id)
  const reached = webhook !== null && (caller.agent === null || webhook.agent === caller.agent)
  return reached ? ok(webhook) : fail(noWebhook(named.webhook_id))
}

export function noWebhook(id: string): ReturnType<typeof refusal> {
  return refusal('not_found', `there is no webhook "${id.slice(0, 80)}" here`, { path: '/webhook_id' })
}

/** A change, with its entry for the audit. Secrets are not in it. */
export function changeOf(caller: Caller, action: string, before: Webhook | null, after: Webhook): WebhookChange {
  return { webhook: after, audit: auditOf(caller, action, { before, after, at: after.updatedAt }) }
}

export function auditOf(
  caller: Caller,
  action: string,
  { before, after, at }: { readonly before: Webhook | null; readonly after: Webhook | null; readonly at: Millis },
): AuditDraft {
  const text = (webhook: Webhook | null): string | null => (webhook === null ? null : JSON.stringify(webhookAnswer(webhook)))
  return {
    at,
    organization: (after ?? before)?.organization ?? null,
    actor: caller.actor,
    action,
    target: (after ?? before)?.id ?? '',
    before: text(before),
    after: text(after),
  }
}

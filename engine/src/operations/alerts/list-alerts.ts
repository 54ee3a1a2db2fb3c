import { type AlertsAnswer, listAlerts } from '@purser/contract'
import type { Alert } from '../../alerts/index.ts'
import { formatInstant, ok, type Result } from '../../kernel/index.ts'
import { readScope } from '../authority/scope.ts'
import { implement } from '../operation.ts'

const ALERTS = 50

/** What was told, newest first. */
export const listAlertsOperation = implement(listAlerts, async ({ services, caller }, input): Promise<Result<AlertsAnswer>> => {
  const scope = readScope(caller, input.organization_id)
  if (!scope.ok) return scope
  const limit = input.limit ?? ALERTS
  const organization = 'organization' in scope.value ? scope.value.organization : null
  const alerts = await services.alerts.alerts(organization, limit, input.before ?? null)
  const shown = alerts.filter(({ agent }) => caller.agent === null || agent === caller.agent)
  return ok({ alerts: shown.map(alertAnswer), next: alerts.length < limit ? null : (alerts.at(-1)?.id ?? null) })
})

function alertAnswer({ id, organization, type, at, agent, title, text, facts }: Alert): AlertsAnswer['alerts'][number] {
  const timestamp = formatInstant(at)
  return { alert_id: id, organization_id: organization, event: type, timestamp, agent_id: agent, title, text, data: { ...facts } }
}

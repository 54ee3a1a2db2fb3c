import type { DailyAlert } from '@purser/contract'
import { findAnomalies } from '../../../insights/index.ts'
import { formatInstant } from '../../../kernel/index.ts'
import { wordsOf } from '../../anomalies/containment/words.ts'
import { breathe, SUBJECTS_MAX } from '../../anomalies/find-anomalies.ts'
import { type AlertsQuestion, alertId } from './alert-source.ts'

/** Each is explained by questions of its own. */
const SHOWN_MAX = 10

/** Agents that spend more than their own history explains, now. One episode is one alert, from when it was noticed. */
export async function anomalyAlerts({ services, organization, zone, now }: AlertsQuestion): Promise<readonly DailyAlert[]> {
  const { anomalies } = await findAnomalies(services.calls, {
    scope: { organization },
    atLeast: services.committer.head(),
    groupBy: 'agent',
    zone,
    now,
    direction: 'up',
    period: null,
    subjectsMax: SUBJECTS_MAX,
    breathe,
  })
  const alerts: DailyAlert[] = []
  for (const anomaly of anomalies.slice(0, SHOWN_MAX)) {
    const { title, text, facts } = await wordsOf(services, anomaly, zone)
    alerts.push({
      id: alertId(organization, 'anomaly', anomaly.subject.value ?? '', anomaly.start),
      alert_type: `anomaly_${anomaly.kind}`,
      severity: anomaly.severity,
      title,
      message: text,
      created_at: formatInstant(anomaly.detectedAt),
      data: { ...facts },
    })
  }
  return alerts
}

import type { AnomaliesAnswer, AnomalyFound } from '@purser/contract'
import { type Anomaly, CAUSES, type Explanation, type Unknown } from '../../insights/index.ts'
import { formatInstant, sha256Hex, usdNumberOfPicos, usdOfPicos } from '../../kernel/index.ts'
import { rounded, timeText } from '../wire/measures-answer.ts'

const HOUR_MS = 3_600_000
const ID_CHARS = 24
/** From which share on the largest part is the cause, and from which it is at least the first of several. */
const CLEAR = 0.6
const MIXED = 0.35
/** Estimates are not better than this. */
const DECIMALS = 6

/** A finding as it is answered; its cause is null where there is nothing to compare it with. */
export function anomalyAnswer(anomaly: Anomaly, explanation: Explanation | null, groupBy: string): AnomalyFound {
  const { subject, kind, direction, severity, calls, unpriced, observedCost } = anomaly
  const isUnknown = observedCost === 0n && unpriced > 0
  return {
    anomaly_id: anomalyId(anomaly, groupBy),
    organization_id: subject.organization,
    value: subject.value,
    ...{ kind, direction, severity, state: anomaly.accepted ? 'accepted' : anomaly.end === null ? 'active' : 'over' },
    since: formatInstant(anomaly.start),
    detected_at: formatInstant(anomaly.detectedAt),
    until: timeText(anomaly.end),
    observed_usd: isUnknown ? null : usdNumberOfPicos(observedCost),
    observed_exact: isUnknown ? null : usdOfPicos(observedCost),
    expected_usd: Number(anomaly.expected.toFixed(DECIMALS)),
    excess_usd: isUnknown ? null : excessUsdOf(anomaly),
    calls,
    unpriced_calls: unpriced,
    confidence: {
      words: certainty(anomaly),
      deviations: rounded(anomaly.deviations, 1) ?? 0,
      stretch_hours: anomaly.stretchSteps,
      as_far: anomaly.rarity.asFar,
      of: anomaly.rarity.of,
    },
    cause: explanation === null ? null : causeAnswer(explanation),
  }
}

/** Statistic: the exact sum less an estimate is an estimate. */
export function excessUsdOf({ observedCost, expected }: Pick<Anomaly, 'observedCost' | 'expected'>): number {
  return Number((usdNumberOfPicos(observedCost) - expected).toFixed(DECIMALS))
}

/** The same as long as the episode goes on, and for whoever asks. */
export function anomalyId({ subject, start, direction }: Anomaly, groupBy: string): string {
  return `anomaly_${sha256Hex(JSON.stringify([subject.organization, groupBy, subject.value, direction, start])).slice(0, ID_CHARS)}`
}

export function unknownAnswer({
  subject,
  historyMs,
  neededMs,
  activeHours,
  neededActiveHours,
}: Unknown): AnomaliesAnswer['insufficient_history'][number] {
  return {
    organization_id: subject.organization,
    value: subject.value,
    history_hours: rounded(historyMs / HOUR_MS, 1) ?? 0,
    needed_hours: neededMs / HOUR_MS,
    active_hours: activeHours,
    needed_active_hours: neededActiveHours,
  }
}

function certainty({ deviations, direction, stretchSteps, rarity }: Anomaly): string {
  const stretch = stretchSteps === 1 ? 'hours' : `stretches of ${stretchSteps} hours`
  const far = direction === 'up' ? 'above' : 'below'
  const seen = rarity.asFar === 0 ? `none of the ${rarity.of}` : `${rarity.asFar} of the ${rarity.of}`
  return `${seen} ${stretch} in its history ${rarity.asFar === 1 ? 'was' : 'were'} as far ${far} what was expected of them; it is ${deviations.toFixed(1)} standard deviations away`
}

function causeAnswer(cause: Explanation): AnomalyFound['cause'] {
  const isOther = cause.likely === 'other' || cause.likely === null
  return {
    likely: cause.likely,
    share: rounded(cause.share, 4) ?? 0,
    confidence: isOther || cause.share < MIXED ? 'unclear' : cause.share < CLEAR ? 'mixed' : 'clear',
    before_usd: usdNumberOfPicos(cause.before),
    before_exact: usdOfPicos(cause.before),
    change_usd: usdNumberOfPicos(cause.change),
    change_exact: usdOfPicos(cause.change),
    parts: CAUSES.map((name) => ({ cause: name, usd: usdNumberOfPicos(cause.parts[name]), exact: usdOfPicos(cause.parts[name]) })),
    hours: cause.hours,
    hours_before: cause.hoursBefore,
    call_ids: [...cause.callIds],
  }
}

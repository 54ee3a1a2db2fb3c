import type { CallQuery, CallStore, Dimension } from '../../../calls/index.ts'
import { type Millis, type Picos, sumPicos } from '../../../kernel/index.ts'
import { type Detection, detect } from '../detect.ts'
import type { Finding } from '../finding.ts'
import { SPEND_PARAMETERS } from '../parameters.ts'
import { HOUR_MS } from '../series.ts'
import { type SpendSeries, type Subject, slotsOf, spendBySubject } from './spend-series.ts'

export interface AnomalyQuestion extends Pick<CallQuery, 'scope' | 'where' | 'atLeast'> {
  readonly groupBy: Dimension
  /** Whose hours of the week are learned. */
  readonly zone: string
  readonly now: Millis
  /** Those that were going on in this time; null: those that go on now. */
  readonly period: { readonly from: Millis; readonly to: Millis } | null
  readonly direction: 'up' | 'down' | 'both'
  readonly subjectsMax: number
  /** Lets others go on: each subject is some milliseconds of work. */
  readonly breathe?: () => Promise<void>
}

/** A finding about what a subject spends. Amounts of the finding itself are US dollars. */
export interface Anomaly extends Finding {
  readonly subject: Subject
  /** What the calls of its hours have cost, exactly, and how many there were. */
  readonly observedCost: Picos
  readonly calls: number
  /** Of these, calls whose price is not known. */
  readonly unpriced: number
}

/** Someone of whom it cannot be said yet what is normal. */
export interface Unknown {
  readonly subject: Subject
  readonly historyMs: number
  /** How much history it takes. */
  readonly neededMs: number
  /** Hours in which something was spent. */
  readonly activeHours: number
  readonly neededActiveHours: number
}

export interface Anomalies {
  /** The dearest excess first. */
  readonly anomalies: readonly Anomaly[]
  readonly insufficient: readonly Unknown[]
  readonly examined: readonly Subject[]
  /** There were more subjects than were looked at. */
  readonly truncated: boolean
}

const DAY_MS = 24 * HOUR_MS
/** An episode that goes on was noticed at most a week ago; before that, stretches of four days have to be followed. */
const LEAD_MS = 14 * DAY_MS

/** Where is spend not what its own history leads one to expect? */
export async function findAnomalies(store: CallStore, question: AnomalyQuestion): Promise<Anomalies> {
  const now = Math.min(question.period?.to ?? question.now, question.now)
  const judgeFrom = Math.floor(((question.period?.from ?? now) - LEAD_MS) / HOUR_MS) * HOUR_MS
  const { spends, truncated } = await spendBySubject(store, { ...question, now, judgeFrom })
  const slotOf = slotsOf(question.zone)
  const anomalies: Anomaly[] = []
  const insufficient: Unknown[] = []
  for (const spend of spends) {
    await question.breathe?.()
    const lastIsUnfinished = now % HOUR_MS !== 0
    const detection = detect(spend.series, { slotOf, from: judgeFrom, lastIsUnfinished, parameters: SPEND_PARAMETERS })
    if (detection.expected === null) {
      insufficient.push(unknownOf(spend.subject, detection))
    }
    const asked = detection.findings.filter((finding) => isAsked(finding, question, now))
    anomalies.push(...asked.map((finding) => anomalyOf(finding, spend, now)))
  }
  anomalies.sort((left, right) => Math.abs(right.observed - right.expected) - Math.abs(left.observed - left.expected))
  return { anomalies, insufficient, examined: spends.map(({ subject }) => subject), truncated }
}

/** How much there is of someone, and how much it takes. */
export function unknownOf(subject: Subject, { historyMs, active }: Pick<Detection, 'historyMs' | 'active'>): Unknown {
  const { historyMinMs, activeMin } = SPEND_PARAMETERS
  return { subject, historyMs, neededMs: historyMinMs, activeHours: active, neededActiveHours: activeMin }
}

function isAsked({ start, end, direction }: Finding, question: AnomalyQuestion, now: Millis): boolean {
  if (question.direction !== 'both' && direction !== question.direction) return false
  if (question.period === null) return end === null
  return start < now && (end === null || end > question.period.from)
}

function anomalyOf(finding: Finding, { subject, hours }: SpendSeries, now: Millis): Anomaly {
  const end = Math.min(finding.end ?? now, now)
  const own = [...hours].filter(([start]) => start >= finding.start && start < end).map(([, hour]) => hour)
  return {
    ...finding,
    detectedAt: Math.min(finding.detectedAt, now),
    subject,
    observedCost: sumPicos(own.map(({ cost }) => cost)),
    calls: own.reduce((sum, { calls }) => sum + calls, 0),
    unpriced: own.reduce((sum, { unpriced }) => sum + unpriced, 0),
  }
}

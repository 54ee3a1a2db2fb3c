import type { DailyScore } from '@purser/contract'
import { type ReconciledDay, type Score, share } from '../../insights/index.ts'
import type { Services } from '../context.ts'
import { rounded } from '../wire/measures-answer.ts'
import { measureScores } from './measured-score.ts'
import type { ReportedDays } from './reported-days.ts'

/** The scores of days that have one, oldest first: measured where calls tell, else as reports assess themselves. */
export async function scoresOf(services: Services, { days, question }: ReportedDays): Promise<DailyScore[]> {
  const hasCalls = days.some(({ source }) => source === 'calls' || source === 'both')
  const measured = hasCalls ? await measureScores(services, question) : new Map<string, Score>()
  return days.map((day) => scoreOf(day, measured.get(day.date))).filter(({ score }) => score !== null)
}

/** The latest; without any, one that says why there is none. */
export function currentScore(scores: readonly DailyScore[]): DailyScore {
  return scores.at(-1) ?? NO_SCORE
}

/** The mean of the days; null without any. */
export function meanScore(scores: readonly DailyScore[]): number | null {
  const known = scores.flatMap(({ score }) => score ?? [])
  return known.length === 0 ? null : rounded(known.reduce((sum, score) => sum + score, 0) / known.length, 1)
}

const NO_SCORE: DailyScore = {
  date: null,
  score: null,
  basis: null,
  measured: null,
  self_assessed: null,
  measured_share: null,
  parts: [],
  explanation: 'No day of the period has calls that a score can be measured from, and no report assesses itself.',
}

function scoreOf({ date, selfAssessed, requests }: ReconciledDay, found: Score | undefined): DailyScore {
  const measured = found?.score ?? null
  const basis = measured !== null ? 'measured' : selfAssessed !== null ? 'self_assessed' : null
  return {
    date,
    score: rounded(measured ?? selfAssessed, 1),
    basis,
    measured: rounded(measured, 1),
    self_assessed: rounded(selfAssessed, 1),
    measured_share: measured === null ? null : rounded(share(requests.measured ?? 0, requests.total ?? 0), 4),
    parts: (found?.parts ?? []).map(({ lost, value, ...part }) => ({ ...part, value: rounded(value, 6), points_lost: lost })),
    explanation: basis === null ? NO_SCORE.explanation : EXPLANATIONS[basis],
  }
}

const EXPLANATIONS = {
  measured: 'Measured from the calls of the day: 100 points, less what each part costs.',
  self_assessed: 'As the reports of the day assess themselves; it was not measured from calls.',
} as const

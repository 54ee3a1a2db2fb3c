import type { DaysQuestion } from '../../insights/index.ts'
import type { Services } from '../context.ts'

/** One measured part of a score, as the insight that measures it tells it. */
export interface ScorePart {
  readonly part: string
  /** 0 to 1; null: not known, and then it has no say. */
  readonly value: number | null
  readonly meaning: string
  /** Points that it could cost. */
  readonly weight: number
  readonly lost: number
  readonly why: string
}

export interface MeasuredScore {
  /** 0 to 100; null where the calls of the day say too little. A statistic: a float, and no part of the books. */
  readonly score: number | null
  readonly parts: readonly ScorePart[]
}

/** Scores by date, of days with calls. */
export type MeasureScores = (services: Services, question: DaysQuestion) => Promise<ReadonlyMap<string, MeasuredScore>>

/** Where the insight that measures efficiency is plugged in. */
export const measureScores: MeasureScores = () => Promise.resolve(new Map())

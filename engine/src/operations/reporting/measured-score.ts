import type { DaysQuestion } from '../../insights/index.ts'
import type { Services } from '../context.ts'

/** What the score of a day is made of, in the words of the insight that measures it. */
export interface ScorePart {
  readonly name: string
  /** What was measured; null: not known, and no part of the score. */
  readonly value: number | null
  readonly points: number | null
  readonly explanation: string
}

export interface MeasuredScore {
  /** 0 to 100; null where the calls of the day say too little. A statistic: a float, and no part of the books. */
  readonly score: number | null
  readonly parts: readonly ScorePart[]
  readonly explanation: string
}

/** Scores by date, of days with calls. */
export type MeasureScores = (services: Services, question: DaysQuestion) => Promise<ReadonlyMap<string, MeasuredScore>>

/** Where the insight that measures efficiency is plugged in. */
export const measureScores: MeasureScores = () => Promise.resolve(new Map())

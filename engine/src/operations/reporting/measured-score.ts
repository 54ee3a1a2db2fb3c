import { bucketLabel, type DaysQuestion, efficiency, type Score } from '../../insights/index.ts'
import type { Services } from '../context.ts'

/** What the calls of each day with calls are scored, by date: the one place where the score of the insight comes in. */
export async function measureScores({ calls }: Services, question: DaysQuestion): Promise<ReadonlyMap<string, Score>> {
  const { days } = await efficiency(calls, question)
  const scored = days.filter((day) => day.calls > 0)
  return new Map(scored.map(({ start, score, parts }) => [bucketLabel(start, 'day', question.zone), { score, parts }]))
}

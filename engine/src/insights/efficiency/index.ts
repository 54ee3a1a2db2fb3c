export { type Efficiency, efficiency, type SelfAssessed } from './efficiency.ts'
export type { Score, ScorePart } from './score.ts'

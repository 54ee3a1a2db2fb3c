export { efficiency, type SelfAssessed } from './efficiency.ts'
export type { Score } from './score.ts'

export { efficiency } from './efficiency.ts'
export type { Score } from './score.ts'

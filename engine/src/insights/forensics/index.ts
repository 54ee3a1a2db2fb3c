export type { Failure, FailureCase } from './failure.ts'
export { excessOf, forensics } from './forensics.ts'

export type { Failure, FailureCase } from './failure.ts'
export { excessOf, type Forensics, forensics } from './forensics.ts'

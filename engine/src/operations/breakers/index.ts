import type { Operation } from '../operation.ts'
import { listBreakersOperation } from './list-breakers.ts'
import { removeBreakerOperation } from './remove-breaker.ts'
import { setBreakerOperation } from './set-breaker.ts'

/** Rules on velocity and repetition. */
export const BREAKER_OPERATIONS: readonly Operation[] = [setBreakerOperation, listBreakersOperation, removeBreakerOperation]

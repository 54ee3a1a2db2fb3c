import { analyseCacheOperation } from './analyse-cache.ts'
import { findFailureModesOperation } from './find-failure-modes.ts'
import { findWasteOperation } from './find-waste.ts'
import { scoreEfficiencyOperation } from './score-efficiency.ts'

export const EFFICIENCY_OPERATIONS = [findWasteOperation, analyseCacheOperation, findFailureModesOperation, scoreEfficiencyOperation]

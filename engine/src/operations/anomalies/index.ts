import type { Operation } from '../operation.ts'
import { listAnomalyRulesOperation, removeAnomalyRuleOperation, setAnomalyRuleOperation } from './containment/rules.ts'
import { findAnomaliesOperation } from './find-anomalies.ts'
import { listBaselinesOperation } from './list-baselines.ts'

export { watchAnomalies } from './containment/watch.ts'

/** What is not normal, what is, and what is done about it. */
export const ANOMALY_OPERATIONS: readonly Operation[] = [
  findAnomaliesOperation,
  listBaselinesOperation,
  setAnomalyRuleOperation,
  listAnomalyRulesOperation,
  removeAnomalyRuleOperation,
]

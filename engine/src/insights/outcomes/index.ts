export {
  allWeeks,
  type Comparison,
  type CostPerOutcome,
  costPerOutcome,
  OUTCOMES_MIN,
  type OutcomeQuestion,
  type OutcomeWeek,
} from './cost-per-outcome.ts'
export { LEVERS } from './levers.ts'

export {
  allWeeks,
  type Comparison,
  type CostPerOutcome,
  costPerOutcome,
  OUTCOMES_MIN,
  type OutcomeQuestion,
  type OutcomeWeek,
} from './cost-per-outcome.ts'
export { LEVERS, type TokenPrices } from './levers.ts'
export type { SoldModel } from './week-use.ts'

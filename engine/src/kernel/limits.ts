import { assert } from './assert.ts'

/** A limit on everything. Units are in the names. `checkLimits` asserts how they depend on each other. */
export const LIMITS = {
  bodyBytesMax: 8 * 1024 * 1024,
  jsonDepthMax: 32,
  batchItemsMax: 1_000,
  idCharsMax: 256,
  nameCharsMax: 256,
  tagsMax: 64,
  tagCharsMax: 256,
  tokensPerMeterMax: 1_000_000_000_000,
  latencyMsMax: 30 * 24 * 3_600_000,
  /** A call may be reported this long after it happened, or this far ahead of our clock. */
  pastDaysMax: 3_660,
  futureMsMax: 24 * 3_600_000,
  runDepthMax: 64,
  commandsPerBatchMax: 256,
  commandsWaitingMax: 20_000,
  projectionWaitMs: 5_000,
  /** How often holds are looked for whose deadline has passed. */
  sweepHoldsMs: 1_000,
  /** How often what breakers keep is forgotten where it says nothing any more. */
  sweepBreakersMs: 30_000,
  sqlRowsMax: 10_000,
  sqlMsMax: 10_000,
  recordCostUsdMax: 999_999,
  /** A price table; the largest known one has 2.2 MB. */
  feedBytesMax: 16 * 1024 * 1024,
  feedFetchMs: 30_000,
} as const

export function checkLimits(limits: typeof LIMITS = LIMITS): void {
  assert(limits.commandsPerBatchMax <= limits.commandsWaitingMax, 'a batch must fit into the queue')
  assert(limits.batchItemsMax * 256 <= limits.bodyBytesMax, 'a full batch of small calls must fit into one body')
  assert(limits.idCharsMax <= limits.bodyBytesMax, 'an id must fit into a body')
}

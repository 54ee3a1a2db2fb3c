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
  /** How often it is written when keys were last used. */
  writeKeyUsesMs: 60_000,
  /** How old a signed request may be, and how far its signer's clock may be ahead of ours. */
  signatureAgeMs: 300_000,
  signatureAheadMs: 60_000,
  /** A nonce is remembered as long as its signature holds: of all keys together, and of one. */
  noncesMax: 1_000_000,
  noncesPerKeyMax: 200_000,
  nonceCharsMax: 128,
  webhooksMax: 1_000,
  /** How long one attempt to reach a webhook may take. */
  webhookMs: 15_000,
  /** How often the journal and the budgets are looked at for alerts that nobody has announced. */
  keepAlertsMs: 30_000,
  alertDaysKept: 90,
  /** How often what breakers keep is forgotten where it says nothing any more. */
  sweepBreakersMs: 30_000,
  /** How often spend is looked at for anomalies, where a rule says what is done about them. */
  watchAnomaliesMs: 60_000,
  sqlRowsMax: 10_000,
  sqlMsMax: 10_000,
  recordCostUsdMax: 999_999,
  /** A price table; the largest known one has 2.2 MB. */
  feedBytesMax: 16 * 1024 * 1024,
  feedFetchMs: 30_000,
  /** One page of a provider's cost or usage API. */
  reportPageBytesMax: 32 * 1024 * 1024,
  reportFetchMs: 60_000,
  /** A request that is passed on to a provider, and an answer that is read whole before it is: both may hold pictures and sound. */
  gatewayBodyBytesMax: 64 * 1024 * 1024,
  /** How long a provider may take to begin its answer, and between two pieces of it. */
  upstreamHeadMs: 600_000,
  upstreamPauseMs: 300_000,
  /** Money is held so long for a call under way, and again while it is. */
  gatewayHoldMs: 600_000,
  /** What answers that are kept for the gateway's cache may take in memory, and how many vectors of one bucket are compared. */
  gatewayCacheBytesMax: 64 * 1024 * 1024,
  gatewayCacheBucketMax: 1_000,
  /** How often answers that are too old are forgotten. */
  sweepGatewayCacheMs: 30_000,
  /** How long an embedding may take that a semantic cache waits for. */
  cacheEmbeddingMs: 5_000,
  /** A telemetry request, as it is sent and when it is unpacked: what the protocol recommends. */
  telemetryBytesMax: 64 * 1024 * 1024,
  /** Of all telemetry requests together that are being read or posted; more are told to come again. */
  telemetryBytesInFlightMax: 128 * 1024 * 1024,
  /** How long a telemetry request that was told so waits. */
  telemetryRetrySeconds: 1,
  /** How long what health is told of beside our own stores may take to answer. */
  probeMs: 1_500,
} as const

export function checkLimits(limits: typeof LIMITS = LIMITS): void {
  assert(limits.commandsPerBatchMax <= limits.commandsWaitingMax, 'a batch must fit into the queue')
  assert(limits.batchItemsMax * 256 <= limits.bodyBytesMax, 'a full batch of small calls must fit into one body')
  assert(limits.noncesPerKeyMax <= limits.noncesMax, 'what one key may use fits into what all may use')
  assert(
    limits.telemetryBytesMax <= limits.telemetryBytesInFlightMax,
    'the largest telemetry request passes when nothing else is under way',
  )
  assert(limits.idCharsMax <= limits.bodyBytesMax, 'an id must fit into a body')
}

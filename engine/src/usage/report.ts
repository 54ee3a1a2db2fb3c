import { fail, LIMITS, type Millis, ok, parseDecimal, type Refusal, type Result, refusal } from '../kernel/index.ts'
import { decimalText } from './payload/decimal-text.ts'
import type { AttestedCost, Inference, MeterEvidence, Meters, ServiceTier, Usage, UsageContext, UsageNote } from './usage.ts'

/**
 * A call as its agent reports it: plain counters. Totals INCLUDE their parts (input includes cached and written tokens and audio,
 * output includes reasoning and audio), as OpenTelemetry and most SDKs count. A counter that is absent is unknown; zero is zero.
 */
export interface UsageReport {
  readonly at: Millis
  /** Absent: the pricing layer finds the seller by the model. */
  readonly seller?: string | undefined
  readonly model?: string | undefined
  readonly modelRequested?: string | undefined
  readonly kind?: Inference['kind'] | undefined
  readonly inputTokens?: number | undefined
  readonly outputTokens?: number | undefined
  readonly cacheReadTokens?: number | undefined
  /** All written tokens, those kept for an hour included. */
  readonly cacheWriteTokens?: number | undefined
  readonly cacheWrite1hTokens?: number | undefined
  readonly reasoningTokens?: number | undefined
  readonly inputAudioTokens?: number | undefined
  readonly outputAudioTokens?: number | undefined
  readonly webSearches?: number | undefined
  readonly tier?: ServiceTier | undefined
  readonly region?: string | undefined
  readonly endpoint?: string | undefined
  /** What the seller says the call cost, in USD. */
  readonly costUsd?: number | string | undefined
  /** Who says so. */
  readonly costBy?: string | undefined
}

const NO_NOTES: readonly UsageNote[] = []
const OK = { ok: true } as const
const KIND_WITHOUT_OUTPUT: ReadonlySet<string> = new Set(['embedding', 'rerank'])

/**
 * Reported counters → `Usage` with disjoint meters. Refuses counters that are no counts and parts that exceed their total; the path names
 * the counter in the spelling of the wire (`/cache_read_tokens`). Without a seller the usage's seller is empty.
 */
export function usageOfReport(report: UsageReport): Result<Usage> {
  const cacheRead = report.cacheReadTokens ?? 0
  const cacheWrite = report.cacheWriteTokens ?? 0
  const cacheWrite1h = report.cacheWrite1hTokens ?? 0
  const reasoning = report.reasoningTokens ?? 0
  const audioIn = report.inputAudioTokens ?? 0
  const audioOut = report.outputAudioTokens ?? 0
  const searches = report.webSearches ?? 0
  const input = report.inputTokens
  const output = report.outputTokens
  const simple = isCount(cacheRead) && isCount(cacheWrite) && isCount(cacheWrite1h) && isCount(reasoning)
  if (!simple || !isCount(audioIn) || !isCount(audioOut) || !isCount(searches)) return fail(badCounter(report))
  if ((input !== undefined && !isCount(input)) || (output !== undefined && !isCount(output))) return fail(badCounter(report))
  const written = cacheWrite - cacheWrite1h
  const fresh = input === undefined ? 0 : input - cacheRead - cacheWrite - audioIn
  const plain = output === undefined ? 0 : output - reasoning - audioOut
  if (written < 0 || fresh < 0 || plain < 0) return fail(partTooLarge(report, written))

  const meters: { -readonly [M in keyof Meters]: number } = {}
  const evidence: { -readonly [M in keyof MeterEvidence]: MeterEvidence[M] } = {}
  const kind = report.kind ?? 'message'
  if (input === undefined) evidence.input = 'missing'
  else {
    meters.input = fresh
    evidence.input = fresh === input ? 'reported' : 'derived'
  }
  if (output !== undefined) {
    meters.output = plain
    evidence.output = plain === output ? 'reported' : 'derived'
  } else if (!KIND_WITHOUT_OUTPUT.has(kind)) evidence.output = 'missing'
  if (cacheRead > 0) {
    meters['input.cache_read'] = cacheRead
    evidence['input.cache_read'] = 'reported'
  }
  if (written > 0) {
    meters['input.cache_write'] = written
    evidence['input.cache_write'] = cacheWrite1h > 0 ? 'derived' : 'reported'
  }
  return finishReport(report, kind, meters, evidence, { cacheWrite1h, reasoning, audioIn, audioOut, searches })
}

type MutableMeters = { -readonly [M in keyof Meters]: number }
type MutableEvidence = { -readonly [M in keyof MeterEvidence]: MeterEvidence[M] }
type RarePart = 'cacheWrite1h' | 'reasoning' | 'audioIn' | 'audioOut' | 'searches'

function finishReport(
  report: UsageReport,
  kind: Inference['kind'],
  meters: MutableMeters,
  evidence: MutableEvidence,
  parts: Readonly<Record<RarePart, number>>,
): Result<Usage> {
  if (parts.cacheWrite1h > 0) {
    meters['input.cache_write_1h'] = parts.cacheWrite1h
    evidence['input.cache_write_1h'] = 'reported'
  }
  if (parts.reasoning > 0) {
    meters['output.reasoning'] = parts.reasoning
    evidence['output.reasoning'] = 'reported'
  }
  if (parts.audioIn > 0) {
    meters['input.audio'] = parts.audioIn
    evidence['input.audio'] = 'reported'
  }
  if (parts.audioOut > 0) {
    meters['output.audio'] = parts.audioOut
    evidence['output.audio'] = 'reported'
  }
  if (parts.searches > 0) {
    meters['tool.web_search'] = parts.searches
    evidence['tool.web_search'] = 'reported'
  }
  const model = report.model ?? report.modelRequested ?? ''
  const usage: { -readonly [K in keyof Usage]: Usage[K] } = {
    seller: report.seller ?? '',
    modelRequested: report.modelRequested ?? report.model ?? null,
    modelServed: report.model ?? null,
    at: report.at,
    inferences: [{ model, kind, meters, evidence }],
    context: contextOf(report),
    notes: model === '' || evidence.input === 'missing' ? notesOf(model, evidence) : NO_NOTES,
    outcome: OK,
  }
  if (report.costUsd !== undefined) {
    const attested = attestedOf(report.costUsd, report.costBy)
    if (attested === null) return fail(refusal('invalid_field', 'a cost must be a decimal of at least 0', { path: '/cost_usd' }))
    usage.attested = attested
  }
  return ok(usage)
}

const COUNT_MAX = LIMITS.tokensPerMeterMax

function isCount(value: number): boolean {
  return value >= 0 && value <= COUNT_MAX && Math.floor(value) === value
}

const NO_CONTEXT: UsageContext = {}

function contextOf(report: UsageReport): UsageContext {
  if (report.tier === undefined && report.region === undefined && report.endpoint === undefined) return NO_CONTEXT
  const context: { -readonly [K in keyof UsageContext]: UsageContext[K] } = {}
  if (report.tier !== undefined) context.tier = report.tier
  if (report.region !== undefined) context.region = report.region
  if (report.endpoint !== undefined) context.endpoint = report.endpoint
  return context
}

function notesOf(model: string, evidence: MeterEvidence): UsageNote[] {
  const notes: UsageNote[] = []
  if (model === '') notes.push({ code: 'model_missing', detail: 'the report names no model' })
  if (evidence.input === 'missing') notes.push({ code: 'input_missing', detail: 'the report has no input tokens' })
  return notes
}

function attestedOf(cost: number | string, by: string | undefined): AttestedCost | null {
  if (typeof cost === 'string' && parseDecimal(cost) === null) return null
  const amount = decimalText(cost)
  return amount === null ? null : { amount, currency: 'USD', by: by ?? 'report cost_usd' }
}

const COUNTERS: readonly (readonly [keyof UsageReport, string])[] = [
  ['inputTokens', '/input_tokens'],
  ['outputTokens', '/output_tokens'],
  ['cacheReadTokens', '/cache_read_tokens'],
  ['cacheWriteTokens', '/cache_write_tokens'],
  ['cacheWrite1hTokens', '/cache_write_1h_tokens'],
  ['reasoningTokens', '/reasoning_tokens'],
  ['inputAudioTokens', '/input_audio_tokens'],
  ['outputAudioTokens', '/output_audio_tokens'],
  ['webSearches', '/web_searches'],
]

/** Finds what was refused; slow, because refusals are rare. */
function badCounter(report: UsageReport): Refusal {
  const bad = COUNTERS.find(([key]) => report[key] !== undefined && !isCount(report[key] as number))
  const detail = `a count is a whole number from 0 to ${LIMITS.tokensPerMeterMax}`
  return refusal('invalid_field', detail, bad === undefined ? {} : { path: bad[1] })
}

function partTooLarge(report: UsageReport, written: number): Refusal {
  if (written < 0) {
    return refusal('invalid_field', 'tokens written for an hour are part of all written tokens', { path: '/cache_write_1h_tokens' })
  }
  const { inputTokens: input = 0, outputTokens: output = 0, cacheReadTokens: read = 0, cacheWriteTokens: write = 0 } = report
  const inputParts: readonly (readonly [number, string])[] = [
    [read, '/cache_read_tokens'],
    [write, '/cache_write_tokens'],
    [report.inputAudioTokens ?? 0, '/input_audio_tokens'],
  ]
  const outputParts: readonly (readonly [number, string])[] = [
    [report.reasoningTokens ?? 0, '/reasoning_tokens'],
    [report.outputAudioTokens ?? 0, '/output_audio_tokens'],
  ]
  const tooLarge = firstOver(input, report.inputTokens === undefined ? [] : inputParts)
  if (tooLarge !== null) return refusal('invalid_field', `with this part the parts exceed the ${input} input tokens`, { path: tooLarge })
  return refusal('invalid_field', `with this part the parts exceed the ${output} output tokens`, {
    path: firstOver(output, outputParts) ?? '/output_tokens',
  })
}

function firstOver(total: number, parts: readonly (readonly [number, string])[]): string | null {
  let sum = 0
  for (const [count, path] of parts) {
    sum += count
    if (sum > total) return path
  }
  return null
}

import type { Millis } from '../../kernel/index.ts'
import type { Counter } from '../payload/counters.ts'
import { decimalText } from '../payload/decimal-text.ts'
import { addInference, type InferenceDraft, meterPart, meterTotal, newDraft } from '../payload/draft.ts'
import { addNote } from '../payload/notes.ts'
import { meterInclusiveInput, meterOutput, type OutputCounts } from '../payload/split.ts'
import { canonicalSeller, sellerOfUrl } from '../sellers.ts'
import { serviceTier } from '../tiers.ts'
import type { AttestedCost, Usage, UsageContext, UsageNote } from '../usage.ts'
import { type Counts, countsOfFacts } from './counts.ts'
import { type Embedded, readEmbedded } from './embedded.ts'
import { type Facts, factOf, saidBy, textFact } from './facts.ts'
import { kindOf } from './role.ts'

/** A call as telemetry describes it. */
export interface Described {
  readonly usage: Usage
  /** What somebody else computed that it cost. It is a statement about the call and never its price where we know one. */
  readonly reported: AttestedCost | null
  /** False: the call was made and nobody says what it used. */
  readonly metered: boolean
}

export interface DescribedBy {
  readonly facts: Facts
  readonly dialect: string
  readonly scope: string
  readonly at: Millis
  readonly failed: boolean
  /** The model of an agent or turn above, for spans that name none. */
  readonly modelAbove?: string | null
}

/** Facts of a leaf → its usage: disjoint meters with evidence; what nobody says is missing and never zero. */
export function usageOf(by: DescribedBy): Described {
  const { facts, dialect, scope, at } = by
  const notes: UsageNote[] = []
  const counts = countsOfFacts(facts, notes)
  const said = readEmbedded(facts, scope, counts, notes)
  const served = textFact(facts, 'modelServed')
  const requested = textFact(facts, 'modelRequested') ?? by.modelAbove ?? null
  const model = served ?? requested ?? ''
  const kind = kindOf(facts)
  const metered = isMetered(counts)
  const failure = by.failed ? failureOf(facts) : null
  const inferences = []
  if (metered) inferences.push(withModel(meter(counts, { dialect, scope, facts, kind }, notes), model))
  else if (failure === null || failure.mayHaveRun) {
    addNote(notes, 'no_usage', 'the telemetry of this call does not say what it used')
    inferences.push({
      model,
      kind,
      meters: {},
      evidence: kind === 'message' ? ({ input: 'missing', output: 'missing' } as const) : ({ input: 'missing' } as const),
    })
  }
  if (model === '') addNote(notes, 'model_missing', 'the telemetry names no model')
  const usage: Usage = {
    seller: sellerOf(facts, dialect),
    modelRequested: requested ?? served,
    modelServed: served,
    at,
    inferences,
    context: contextOf(facts, said, notes),
    notes,
    outcome: failure === null ? OK : { ok: false, code: failure.code, message: failure.code },
  }
  return { usage, reported: reportedCost(facts, said), metered }
}

const OK = { ok: true } as const

function isMetered({ input, output, cacheRead, cacheWrite, total }: Counts): boolean {
  return typeof (input ?? output ?? cacheRead ?? cacheWrite ?? total) === 'number'
}

interface Way {
  readonly dialect: string
  readonly scope: string
  readonly facts: Facts
  readonly kind: ReturnType<typeof kindOf>
}

function meter(counts: Counts, way: Way, notes: UsageNote[]): InferenceDraft {
  const inference = addInference(newDraft(''), way.kind)
  const embeds = way.kind === 'embedding' || way.kind === 'rerank'
  const input = counts.input ?? (embeds ? counts.total : counts.input)
  const read = counts.cacheRead ?? 0
  const lifetimes = (counts.cacheWrite5m ?? 0) + (counts.cacheWrite1h ?? 0)
  const written = Math.max(counts.cacheWrite ?? 0, lifetimes)
  const inclusive = includesCache(counts, way, notes)
  const total = typeof input !== 'number' || inclusive ? input : input + read + written
  meterInclusiveInput(
    inference,
    {
      total,
      cached: read,
      written: written - lifetimes,
      ...(counts.audioInput || counts.imageInput ? { modalities: { audio: counts.audioInput ?? 0, image: counts.imageInput ?? 0 } } : {}),
      ...(counts.audioCached || counts.imageCached
        ? { cachedModalities: { audio: counts.audioCached ?? 0, image: counts.imageCached ?? 0 } }
        : {}),
    },
    notes,
  )
  if (lifetimes > 0) meterLifetimes(inference, counts, typeof total === 'number')
  if (!embeds || counts.output !== undefined) meterOutput(inference, outputOf(counts, way, total, notes), notes)
  meterPart(inference, 'tool.web_search', counts.webSearches ?? 0)
  return inference
}

/** Tokens written for five minutes and for an hour have prices of their own; they were part of the input. */
function meterLifetimes(inference: InferenceDraft, counts: Counts, known: boolean): void {
  const five = counts.cacheWrite5m ?? 0
  const hour = counts.cacheWrite1h ?? 0
  meterPart(inference, 'input.cache_write_5m', five)
  meterPart(inference, 'input.cache_write_1h', hour)
  if (known) meterTotal(inference, 'input', Math.max(0, (inference.meters.input ?? 0) - five - hour), 'derived')
}

/**
 * Gemini's candidates do not include thoughts, and neither do the counters that repeat them. A total tells whether reasoning comes on top of the output; tokens that
 * are in the total alone are thoughts of a Gemini model that names none, and of any other nobody says what they are.
 */
function outputOf(counts: Counts, { dialect, facts }: Way, input: Counter, notes: UsageNote[]): OutputCounts {
  const { output, total, audioOutput, imageOutput } = counts
  const beside = typeof total === 'number' && typeof input === 'number' && typeof output === 'number' ? total - input - output : 0
  const modalities = audioOutput || imageOutput ? { modalities: { audio: audioOutput ?? 0, image: imageOutput ?? 0 } } : {}
  const named = counts.reasoning ?? 0
  if (beside > 0 && named === 0 && /gemini/i.test(textFact(facts, 'modelServed') ?? textFact(facts, 'modelRequested') ?? '')) {
    addNote(notes, 'split_assumed', `the total holds ${beside} tokens beside input and output; they are taken to be thoughts`)
    return { total: output, reasoning: beside, reasoningOutside: true, ...modalities }
  }
  const outside = !counts.outputIncludesReasoning || dialect === 'gemini-cli' || (beside > 0 && beside === named)
  const unexplained = beside - (outside ? named : 0)
  if (unexplained > 0) {
    const detail = `the total holds ${unexplained} tokens more than its parts; nobody says what they are, so they are not priced`
    addNote(notes, 'tokens_unexplained', detail)
  }
  return { total: output, reasoning: counts.reasoning, reasoningOutside: outside, ...modalities }
}

/** Spellings of Anthropic's raw counters: who uses them may have passed them on as they are, or have summed them up. */
const RAW_SPELLING = /cache_(?:read|creation)_input_tokens$/

/**
 * Whether the input includes what was cached. OpenTelemetry, OpenAI, Gemini, OpenInference and Vercel include it. Claude Code and OpenLLMetry's
 * instrumentation of Anthropic for JavaScript do not. More cached than there was input cannot be included, nor
 * what a total counts beside the input. Where an emitter that is not known repeats Anthropic's own names, the payload cannot say, and a note does.
 */
function includesCache(counts: Counts, { dialect, scope, facts }: Way, notes: UsageNote[]): boolean {
  if (counts.inputIncludesCache !== null) return counts.inputIncludesCache
  if (dialect === 'claude-code' || scope === '@traceloop/instrumentation-anthropic') return false
  const cached = (counts.cacheRead ?? 0) + Math.max(counts.cacheWrite ?? 0, (counts.cacheWrite5m ?? 0) + (counts.cacheWrite1h ?? 0))
  if (typeof counts.input !== 'number' || cached === 0) return true
  if (cached > counts.input) return false
  // The other way round proves nothing: many add up input and output, whatever the input is.
  if (typeof counts.output === 'number' && counts.total === counts.input + cached + counts.output) return false
  const raw = RAW_SPELLING.test(saidBy(facts, 'cacheRead') ?? '') || RAW_SPELLING.test(saidBy(facts, 'cacheWrite') ?? '')
  if (raw) addNote(notes, 'split_assumed', 'whether the input tokens include the cached ones is not said; they are taken to')
  return true
}

function withModel({ kind, meters, evidence }: InferenceDraft, model: string) {
  return { model, kind, meters, evidence }
}

const DEFAULT_PROVIDERS: Readonly<Record<string, string>> = {
  'claude-code': 'anthropic',
  anthropic: 'anthropic',
  codex: 'openai',
  openai: 'openai',
  'gemini-cli': 'google',
  'google-adk': 'google',
}

const sellers = new Map<string, string>()
const SELLERS_KEPT_MAX = 1_000

/** Who sold it, by the address that was called where that is a seller's, else by the name that is given; empty when nobody says. */
function sellerOf(facts: Facts, dialect: string): string {
  const provider = textFact(facts, 'provider') ?? DEFAULT_PROVIDERS[dialect] ?? ''
  const address = textFact(facts, 'address') ?? ''
  const key = `${provider}\n${address}`
  const known = sellers.get(key)
  if (known !== undefined) return known
  const seller = (address === '' ? '' : sellerOfUrl(address.includes('://') ? address : `https://${address}`)) || namedSeller(provider)
  if (sellers.size >= SELLERS_KEPT_MAX) sellers.clear()
  sellers.set(key, seller)
  return seller
}

/** `openai.responses` and `anthropic.messages` name the seller and then the API. */
function namedSeller(provider: string): string {
  let name = provider
  for (;;) {
    const seller = canonicalSeller(name)
    if (seller !== name.trim().toLowerCase() || !name.includes('.')) return seller
    name = name.slice(0, name.lastIndexOf('.'))
  }
}

function contextOf(facts: Facts, said: Embedded, notes: UsageNote[]): UsageContext {
  const tier = serviceTier(factOf(facts, 'tier') ?? said.tier, notes)
  return tier === null ? NO_CONTEXT : { tier }
}

const NO_CONTEXT: UsageContext = {}

const MICROS = 6

function reportedCost(facts: Facts, said: Embedded): AttestedCost | null {
  const micros = decimalText(factOf(facts, 'costMicros'), MICROS)
  if (micros !== null) return { amount: micros, currency: 'USD', by: 'cost_usd_micros' }
  const [value, by] = said.costUsd === undefined ? [factOf(facts, 'cost'), saidBy(facts, 'cost') ?? ''] : [said.costUsd, said.costBy]
  const amount = decimalText(value)
  return amount === null ? null : { amount, currency: 'USD', by }
}

/** Errors after which something may have been generated and billed. */
const CUT_OFF = /abort|cancel|timeout|timed.?out|disconnect|reset|stream|incomplete/i

/** A request that its provider refused consumed nothing. One that was broken off, or had an answer already, may have. */
function failureOf(facts: Facts): { readonly code: string; readonly mayHaveRun: boolean } {
  const status = factOf(facts, 'statusCode')
  const code = textFact(facts, 'errorType') ?? (status === undefined ? 'error' : `http_${String(status).slice(0, 8)}`)
  return { code: code.slice(0, 100), mayHaveRun: CUT_OFF.test(code) || textFact(facts, 'responseId') !== null }
}

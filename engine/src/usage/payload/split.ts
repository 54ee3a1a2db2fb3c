import type { Meter, UsageNote } from '../usage.ts'
import { type Counter, partOf } from './counters.ts'
import { type InferenceDraft, meterPart, meterTotal } from './draft.ts'
import { addNote } from './notes.ts'

/** Tokens that are not text. A modality that is absent is zero; what a provider's details do not name is text. */
export interface Modalities {
  readonly audio?: number
  readonly image?: number
  readonly video?: number
}

/** Input of a provider whose total INCLUDES cached and written tokens. */
export interface InclusiveInput {
  readonly total: Counter
  readonly cached: Counter
  readonly written: Counter
  /** Which meter written tokens go to: the seller's lifetime of a cache entry, where it has several. */
  readonly writtenMeter?: Meter
  readonly modalities?: Modalities
  /** Cached tokens by modality. Absent: cached tokens are text as far as there is text. */
  readonly cachedModalities?: Modalities
}

const KINDS = ['audio', 'image', 'video'] as const
const FRESH = { audio: 'input.audio', image: 'input.image', video: 'input.video' } as const
const CACHED = { audio: 'input.cache_read.audio', image: 'input.cache_read.image', video: 'input.cache_read.video' } as const
const OUTPUT = { audio: 'output.audio', image: 'output.image', video: 'output.video' } as const

/** Splits an inclusive input total into disjoint meters whose sum is the total. */
export function meterInclusiveInput(inference: InferenceDraft, input: InclusiveInput, notes: UsageNote[]): void {
  const { total } = input
  if (total === undefined || total === null) {
    meterTotal(inference, 'input', total)
    meterPart(inference, 'input.cache_read', partOf(input.cached))
    meterPart(inference, input.writtenMeter ?? 'input.cache_write', partOf(input.written))
    return
  }
  const cached = within(partOf(input.cached), total, 'cached', notes, 'cache_overlap_clamped')
  const written = within(partOf(input.written), total - cached, 'cache-written', notes, 'cache_overlap_clamped')
  const fresh = total - cached - written
  meterPart(inference, input.writtenMeter ?? 'input.cache_write', written)
  const modal = splitModalities(total, cached, fresh, input, notes)
  let cachedText = cached
  let freshText = fresh
  for (const kind of KINDS) {
    meterPart(inference, CACHED[kind], modal.cached[kind])
    meterPart(inference, FRESH[kind], modal.fresh[kind])
    cachedText -= modal.cached[kind]
    freshText -= modal.fresh[kind]
  }
  meterPart(inference, 'input.cache_read', cachedText)
  meterTotal(inference, 'input', freshText, freshText === total ? 'reported' : 'derived')
}

type Split = { cached: Record<(typeof KINDS)[number], number>; fresh: Record<(typeof KINDS)[number], number> }

/** Decides how many tokens of each modality were cached and how many fresh; never more of either than there are. */
function splitModalities(total: number, cached: number, fresh: number, input: InclusiveInput, notes: UsageNote[]): Split {
  const split: Split = { cached: { audio: 0, image: 0, video: 0 }, fresh: { audio: 0, image: 0, video: 0 } }
  const given = input.modalities ?? {}
  const cachedGiven = input.cachedModalities
  let cachedLeft = cached
  let freshLeft = fresh
  let modalLeft = total
  // Without a breakdown of the cache, cached tokens are taken to be text first; only what exceeds the text can be another modality.
  const modalSum = (given.audio ?? 0) + (given.image ?? 0) + (given.video ?? 0)
  let overflow = cachedGiven === undefined ? Math.max(0, cached - Math.max(0, total - modalSum)) : 0
  for (const kind of KINDS) {
    const count = within(given[kind] ?? 0, modalLeft, kind, notes, 'counter_clamped')
    const wanted = cachedGiven === undefined ? Math.min(overflow, count) : (cachedGiven[kind] ?? 0)
    overflow -= cachedGiven === undefined ? wanted : 0
    const cachedOfKind = Math.min(wanted, cachedLeft, Math.max(count, cachedGiven === undefined ? 0 : wanted))
    const freshOfKind = Math.min(Math.max(0, count - cachedOfKind), freshLeft)
    split.cached[kind] = cachedOfKind
    split.fresh[kind] = freshOfKind
    cachedLeft -= cachedOfKind
    freshLeft -= freshOfKind
    modalLeft -= count
  }
  return split
}

/** Output of a provider. `reasoningOutside`: reasoning tokens come on top of the total instead of within it. */
export interface OutputCounts {
  readonly total: Counter
  readonly reasoning: Counter
  readonly reasoningOutside?: boolean
  readonly modalities?: Modalities
}

/** Splits an output total into text, reasoning and modalities. */
export function meterOutput(inference: InferenceDraft, output: OutputCounts, notes: UsageNote[]): void {
  const { total } = output
  const reasoning = partOf(output.reasoning)
  if (total === undefined || total === null) {
    meterTotal(inference, 'output', total)
    meterPart(inference, 'output.reasoning', reasoning)
    return
  }
  let left = total
  if (output.reasoningOutside === true) {
    meterPart(inference, 'output.reasoning', reasoning)
  } else {
    const inside = within(reasoning, left, 'reasoning', notes, 'counter_clamped')
    meterPart(inference, 'output.reasoning', inside)
    left -= inside
  }
  for (const kind of KINDS) {
    const count = within(output.modalities?.[kind] ?? 0, left, kind, notes, 'counter_clamped')
    meterPart(inference, OUTPUT[kind], count)
    left -= count
  }
  meterTotal(inference, 'output', left, left === total ? 'reported' : 'derived')
}

function within(part: number, total: number, name: string, notes: UsageNote[], code: 'cache_overlap_clamped' | 'counter_clamped'): number {
  if (part <= total) return part
  addNote(notes, code, `${part} ${name} tokens do not fit into the ${total} tokens left of their total`)
  return total
}

import type { Millis } from '../../kernel/index.ts'
import type { Role, Who } from '../../usage/index.ts'
import type { CallDraft, CallRef } from './records.ts'

/** What is remembered of a span, so that spans of later requests find what lies above and below them. No text of it. */
export interface SpanMemo {
  readonly id: string
  readonly parent: string | null
  readonly role: Role
  readonly who: Who | null
  /** Of a model span: the call that stands for it. Of a tool that has a price: its own. */
  call: CallRef | null
  /** Calls of model spans below it, with no tool between. */
  below: CallRef[] | null
  /** Whether `call` is one of those below: it holds calls, and is none itself. */
  holds: boolean
  /** Where it was posted as a call, and one that came below it later was taken for the same: that one, because there may be more. */
  heir: Heir | null
}

/** A span below another, and how it described the other's call. */
export interface Heir {
  readonly memo: SpanMemo
  readonly draft: CallDraft
}

export interface RootMemo {
  readonly name: string
  readonly startUs: number
  readonly endUs: number
  readonly failed: boolean
  readonly who: Who | null
}

export interface Trace {
  readonly key: string
  readonly spans: Map<string, SpanMemo>
  /** Calls below spans that have not come yet, by the id of that span. */
  readonly orphans: Map<string, CallRef[]>
  root: RootMemo | null
  /** In which organization its calls are; null: it has none so far. */
  organization: string | null
  /** Whether its start and end have been posted. */
  announced: boolean
  /** Whether calls of it may have been posted that this process does not remember; null: not looked up yet. */
  earlier: readonly EarlierCall[] | null
}

/** A call of a trace, as the books have it. */
export interface EarlierCall {
  readonly id: string
  readonly model: string | null
  readonly startMs: Millis
  readonly endMs: Millis
  readonly inputTokens: number
  readonly outputTokens: number
  readonly metered: boolean
}

const SPANS_MAX = 200_000
const CHAIN_MAX = 128

/** Traces that were touched lately, the longest untouched first. */
export class TraceMemory {
  readonly #traces = new Map<string, Trace>()
  #spans = 0
  /** What began later than this cannot have been told of before what is remembered. */
  #since: Millis
  readonly #now: () => Millis
  /** Spans of a trace mostly come together. */
  #last: Trace | null = null

  constructor(now: () => Millis) {
    this.#now = now
    this.#since = now()
  }

  /** The trace of a key of an organization (or of any: null), made where it is not known. */
  of(organization: string | null, traceId: string): Trace {
    const key = organization === null ? traceId : `${organization}\n${traceId}`
    if (this.#last?.key === key) return this.#last
    const known = this.#traces.get(key)
    this.#last = known ?? null
    if (known !== undefined) {
      this.#traces.delete(key)
      this.#traces.set(key, known)
      return known
    }
    const trace: Trace = {
      key,
      spans: new Map(),
      orphans: new Map(),
      root: null,
      organization: null,
      announced: false,
      earlier: null,
    }
    this.#traces.set(key, trace)
    this.#last = trace
    return trace
  }

  /** Whether everything that was ever told of a trace is remembered, given when the span began that asks. */
  knowsAll(trace: Trace, startMs: Millis): boolean {
    return trace.earlier !== null || startMs >= this.#since
  }

  /** The span as first told: a repetition changes nothing. */
  add(trace: Trace, memo: SpanMemo): SpanMemo {
    const known = trace.spans.get(memo.id)
    if (known !== undefined) return known
    trace.spans.set(memo.id, memo)
    this.#spans += 1
    return memo
  }

  /** Makes room; called between requests. */
  trim(): void {
    if (this.#spans <= SPANS_MAX) return
    for (const trace of this.#traces.values()) {
      this.#forget(trace)
      if (this.#spans <= SPANS_MAX * 0.9) break
    }
    this.#since = this.#now()
  }

  /** What was not posted is not known either; and whoever tells it again finds what was. */
  forget(traces: Iterable<Trace>): void {
    for (const trace of traces) this.#forget(trace)
    this.#since = this.#now()
  }

  #forget(trace: Trace): void {
    if (this.#last === trace) this.#last = null
    if (this.#traces.delete(trace.key)) this.#spans -= trace.spans.size
  }
}

/** The spans above one, nearest first, as far as they are known. `missing` is the id of the first that is not. */
export function above(trace: Trace, memo: SpanMemo): { readonly chain: SpanMemo[]; readonly missing: string | null } {
  const chain: SpanMemo[] = []
  let next = memo.parent
  while (next !== null && chain.length < CHAIN_MAX) {
    const parent = trace.spans.get(next)
    if (parent === undefined) return { chain, missing: next }
    chain.push(parent)
    next = parent.parent
  }
  return { chain, missing: null }
}

export function isModel({ role }: Pick<SpanMemo, 'role'>): boolean {
  return role === 'model' || role === 'likely'
}

/** The nearest model span above, of which this one may be the same request. What a tool does is a request of its own. */
export function modelAbove(chain: readonly SpanMemo[]): SpanMemo | 'tool' | null {
  for (const memo of chain) {
    if (memo.role === 'tool') return 'tool'
    if (isModel(memo)) return memo
  }
  return null
}

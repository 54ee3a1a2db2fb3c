import { dialectOf, type Role, roleOf, type SpanRecord, textFact, usageOf, whoOf } from '../../usage/index.ts'
import { attributionOf } from './attribution.ts'
import { belowPosted } from './divide.ts'
import { callOf, draftOf, type Place, tellingId } from './draft.ts'
import { absorb, describeAgain, isSame, keep } from './merge.ts'
import { passOn } from './pass-on.ts'
import { toolUsage } from './priced-tools.ts'
import { type CallDraft, type CallRef, reject } from './records.ts'
import { latencyOf, organizationOf, type Request, resourceWho, timeOf } from './request.ts'
import { above, isModel, modelAbove, type SpanMemo, type Trace } from './traces.ts'

interface Placed {
  readonly span: SpanRecord
  readonly memo: SpanMemo
  readonly trace: Trace
}

/** Spans whose place in their traces is known now, and those of them that stand for calls. */
export interface PlacedSpans {
  readonly models: Placed[]
  readonly tools: Placed[]
}

/** Puts every span in its place, before any is looked at: a batch has children before and after their parents. */
export function place(request: Request, spans: readonly SpanRecord[]): PlacedSpans {
  const placed: PlacedSpans = { models: [], tools: [] }
  for (const span of spans) {
    const role = roleOf(span)
    // A response with an id of its own can be told apart without a trace.
    const traceId = span.traceId ?? tellingId(span.facts)
    const spanId = span.spanId ?? tellingId(span.facts)
    if (traceId === null || spanId === null || ((span.traceId === null || span.spanId === null) && role !== 'model')) {
      reject(request.tally, 1, 'a span without ids of its trace and itself cannot be told from its repetition, and is not taken')
      continue
    }
    const trace = request.receiver.traces.of(request.caller.organization, traceId)
    const memo = remember(request, trace, span, spanId, role)
    if (isModel(memo)) placed.models.push({ span, memo, trace })
    else if (role === 'tool') placed.tools.push({ span, memo, trace })
  }
  return placed
}

function remember(request: Request, trace: Trace, span: SpanRecord, id: string, role: Role): SpanMemo {
  request.touched.add(trace)
  const isAgent = textFact(span.facts, 'traceloopKind') === 'agent'
  const who = whoOf(span.facts, isAgent)
  if (span.parentId === null && span.traceId !== null && trace.root === null) {
    trace.root = { name: span.name, startUs: span.startUs, endUs: span.endUs, failed: span.failed, who }
  }
  const memo: SpanMemo = { id, parent: span.parentId, role, who, call: null, below: null, holds: false, heir: null }
  const kept = request.receiver.traces.add(trace, memo)
  const orphans = kept === memo ? trace.orphans.get(id) : undefined
  if (orphans !== undefined) {
    trace.orphans.delete(id)
    if (isModel(memo)) memo.below = orphans
    else if (role !== 'tool') for (const ref of orphans) passOn(request, trace, memo, ref)
  }
  return kept
}

/** Drafts the calls. Tools first, because calls hang below them; of models the lowest first, because they are what is billed. */
export function planSpans(request: Request, { models, tools }: PlacedSpans): void {
  for (const tool of tools) planTool(request, tool)
  const deep = models.map((model) => ({ model, chain: above(model.trace, model.memo).chain }))
  if (deep.some(({ chain }) => chain.some(isModel))) deep.sort((one, other) => other.chain.length - one.chain.length)
  for (const { model, chain } of deep) planModel(request, model, chain)
}

function planModel(request: Request, { span, memo, trace }: Placed, chain: readonly SpanMemo[]): void {
  const dialect = dialectOf(span.emitter, span.facts, span.name)
  const where = placeOf(request, { span, memo, trace }, chain, dialect)
  if (where === null) return
  const spanCallId = span.traceId === null ? memo.id : `${span.traceId}-${memo.id}`
  const described = usageOf({
    facts: span.facts,
    dialect,
    scope: span.emitter.scope,
    at: where.at,
    failed: span.failed || textFact(span.facts, 'succeeded') === 'false',
    modelAbove: memo.role === 'likely' ? where.attributed.modelAbove : null,
  })
  const draft = draftOf(request, described, { id: tellingId(span.facts) ?? spanCallId, otherId: spanCallId }, where)
  if ((memo.call === null || memo.holds) && memo.below !== null && memo.below.length > 0) absorb(request, memo, draft)
  else settle(request, { span, memo, trace }, chain, dialect, draft)
  if (memo.call !== null) passOn(request, trace, memo, memo.call)
}

/** Nothing below it is the same call. Something above may be, or something that was told in another way. */
function settle(request: Request, { span, memo, trace }: Placed, chain: readonly SpanMemo[], dialect: string, draft: CallDraft): void {
  const parent = modelAbove(chain)
  if (memo.call !== null) memo.call = describeAgain(request, memo.call, draft)
  else if (parent !== null && parent !== 'tool' && parent.call !== null && !parent.holds)
    memo.call = belowPosted(request, trace, { parent, posted: parent.call }, { memo, draft })
  else memo.call = keep(request, draft, isSame(request, draft, { span, trace, dialect, signal: 'span', chain }))
}

function planTool(request: Request, { span, memo, trace }: Placed): void {
  const tool = memo.who?.tool ?? (textFact(span.facts, 'traceloopKind') === 'tool' ? textFact(span.facts, 'entity') : null)
  if (tool === null || span.traceId === null) return
  const { chain } = above(trace, memo)
  const where = placeOf(request, { span, memo, trace }, chain, dialectOf(span.emitter, span.facts, span.name))
  if (where === null || !request.receiver.tools.mayHavePrice(where.organization, tool)) return
  const usage = toolUsage(tool, where.at, span.failed ? (textFact(span.facts, 'errorType') ?? 'error') : null)
  const charge = request.receiver.services.rates.price(usage, where.organization, request.now)
  if (charge.amount === null) return
  const id = `${span.traceId}-${memo.id}`
  const draft = {
    organization: where.organization,
    call: callOf(request, id, where, usage, charge),
    otherId: id,
    metered: true,
    items: 1,
    dropped: false,
  }
  memo.call = keep(request, draft, null)
}

/** Where a call belongs. Null: it was rejected. */
function placeOf(request: Request, { span, memo, trace }: Placed, chain: readonly SpanMemo[], dialect: string): Place | null {
  const time = timeOf(request, span.startUs)
  if (!time.ok) {
    reject(request.tally, 1, time.error)
    return null
  }
  const said = [memo.who, ...chain.map(({ who }) => who), resourceWho(request, span.emitter)]
  const attributed = attributionOf(request.caller, said, trace.root?.name ?? null)
  const organization = organizationOf(request, attributed)
  if (!organization.ok) {
    reject(request.tally, 1, organization.error)
    return null
  }
  trace.organization ??= organization.value
  return {
    organization: organization.value,
    at: time.value.at,
    atGiven: time.value.given,
    latencyMs: latencyOf(span.startUs, span.endUs),
    attributed,
    run: attributed.run ?? span.traceId,
    parentCall: toolCallAbove(chain)?.id ?? null,
    source: `otlp:${dialect}`,
  }
}

function toolCallAbove(chain: readonly SpanMemo[]): CallRef | null {
  return chain.find(({ role, call }) => role === 'tool' && call !== null)?.call ?? null
}

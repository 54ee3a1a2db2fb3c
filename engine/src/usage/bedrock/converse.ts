import { meterCacheWrites } from '../anthropic/cache-writes.ts'
import { type Counter, firstCounter, noteUnknownCounters, partOf, readCounter } from '../payload/counters.ts'
import { deliveredText } from '../payload/delivered-text.ts'
import { addInference, type Draft, meterPart, meterTotal } from '../payload/draft.ts'
import { isObject, type JsonObject, listAt, objectAt, textAt } from '../payload/json.ts'
import type { CallFacts, Shape, ShapeReader } from '../payload/shape.ts'
import { serviceTier } from '../tiers.ts'

const EVENTS = ['messageStart', 'contentBlockStart', 'contentBlockDelta', 'contentBlockStop', 'messageStop']

/**
 * Bedrock Converse and its stream, and Nova's own InvokeModel bodies, which look the same. Input, cache reads and cache writes are
 * disjoint; the cache counters come under two names each.
 */
export const converseShape: Shape = {
  endpoint: 'converse',
  recognises: (payload) => isEvent(payload) || objectAt(payload, 'usage')?.inputTokens !== undefined,
  open: openConverse,
}

/** `metadata` alone says little: many bodies have a field of that name. */
function isEvent(payload: JsonObject): boolean {
  const metadata = objectAt(payload, 'metadata')
  return EVENTS.some((event) => isObject(payload[event])) || metadata?.usage !== undefined || metadata?.metrics !== undefined
}

function openConverse(call: CallFacts): ShapeReader {
  const text = deliveredText()
  let body: JsonObject = {}
  let finished = false
  return {
    take(payload) {
      const delta = objectAt(objectAt(payload, 'contentBlockDelta'), 'delta')
      text.addFields(delta, ['text'])
      text.addFields(objectAt(delta, 'reasoningContent'), ['text'])
      text.addFields(objectAt(delta, 'toolUse'), ['input'])
      if (payload.messageStop !== undefined) finished = true
      const metadata = objectAt(payload, 'metadata')
      if (metadata !== undefined && isEvent(payload)) body = { ...body, ...metadata }
      if (!isEvent(payload)) {
        body = payload
        finished = true
        for (const block of listAt(objectAt(objectAt(payload, 'output'), 'message'), 'content')) {
          if (isObject(block)) text.addFields(block, ['text'])
        }
      }
    },
    write(draft) {
      draft.model = textAt(objectAt(objectAt(body, 'trace'), 'promptRouter'), 'invokedModelId') ?? null
      const latency = textAt(objectAt(body, 'performanceConfig'), 'latency')
      draft.tier = serviceTier(latency === 'optimized' ? latency : objectAt(body, 'serviceTier')?.type, draft.notes)
      return writeUsage(draft, call, objectAt(body, 'usage'))
    },
    text: text.value,
    finished: () => finished || body.usage !== undefined,
  }
}

function writeUsage(draft: Draft, call: CallFacts, usage: JsonObject | undefined): boolean {
  const { notes } = draft
  const inference = addInference(draft, 'message')
  meterTotal(inference, 'input', readCounter(usage, 'inputTokens', notes))
  meterPart(inference, 'input.cache_read', partOf(firstCounter(usage, ['cacheReadInputTokens', 'cacheReadInputTokenCount'], notes)))
  const written = firstCounter(usage, ['cacheWriteInputTokens', 'cacheWriteInputTokenCount'], notes)
  const byTtl = writesByTtl(usage, draft)
  if (byTtl.for5m !== undefined || byTtl.for1h !== undefined || (call.modelRequested ?? '').includes('anthropic.')) {
    meterCacheWrites(inference, { total: written, ...byTtl, request: call.request }, notes)
  } else meterPart(inference, 'input.cache_write', partOf(written))
  meterTotal(inference, 'output', readCounter(usage, 'outputTokens', notes))
  noteUnknownCounters(usage, KNOWN_COUNTERS, notes)
  return usage?.inputTokens !== undefined || usage?.outputTokens !== undefined
}

function writesByTtl(usage: JsonObject | undefined, draft: Draft): { for5m: Counter; for1h: Counter } {
  const found: { for5m: Counter; for1h: Counter } = { for5m: undefined, for1h: undefined }
  for (const item of listAt(usage, 'cacheDetails')) {
    if (!isObject(item)) continue
    const count = readCounter(item, 'inputTokens', draft.notes)
    if (item.ttl === '1h') found.for1h = count
    else if (item.ttl === '5m') found.for5m = count
  }
  return found
}

const KNOWN_COUNTERS: ReadonlySet<string> = new Set([
  'inputTokens',
  'outputTokens',
  'totalTokens',
  'cacheReadInputTokens',
  'cacheReadInputTokenCount',
  'cacheWriteInputTokens',
  'cacheWriteInputTokenCount',
])

import { type Counter, partOf } from '../payload/counters.ts'
import { type Draft, type InferenceDraft, meterPart } from '../payload/draft.ts'
import { addNote } from '../payload/notes.ts'
import { requestedTtls } from '../payload/request-ttl.ts'
import type { CallFacts } from '../payload/shape.ts'
import type { Meter } from '../usage.ts'

/** OpenRouter charges a Gemini cache write as five minutes of storage. */
const GEMINI_STORAGE_SECONDS = 300

/** How a written token is metered by a seller that resells several providers' caches. */
export interface WriteRule {
  readonly written: Counter
  readonly meter: Meter
}

/**
 * Resellers and proxies report the cache writes of every maker in one counter. For Gemini at OpenRouter the written tokens are also
 * counted as read or fresh input (the sum may exceed the prompt), and the write itself is storage time. For Anthropic's models they have
 * a lifetime, which only the request says.
 */
export function routerWrites(draft: Draft, inference: InferenceDraft, call: CallFacts, model: string, written: Counter): WriteRule {
  if (call.seller === 'openrouter' && model.startsWith('google/')) {
    meterPart(inference, 'input.cache_storage', partOf(written) * GEMINI_STORAGE_SECONDS, 'derived')
    return { written: 0, meter: 'input.cache_write' }
  }
  if (!model.includes('claude') || partOf(written) === 0) return { written, meter: 'input.cache_write' }
  const ttls = requestedTtls(call.request)
  if (call.request === undefined || (ttls.has1h && ttls.has5m)) {
    addNote(draft.notes, 'cache_ttl_assumed', `${partOf(written)} written tokens are taken as kept for 5 minutes, the default`)
  }
  return { written, meter: ttls.has1h && !ttls.has5m ? 'input.cache_write_1h' : 'input.cache_write_5m' }
}

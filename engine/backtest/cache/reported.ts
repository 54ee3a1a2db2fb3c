import type { PriceableCall } from '../../src/calls/index.ts'
import type { ExactCall, PriceOf } from '../../src/insights/index.ts'
import { assert, type Picos, picos } from '../../src/kernel/index.ts'
import { buildCatalog, bundledCatalogFiles, price } from '../../src/pricing/index.ts'
import type { Meters, Usage } from '../../src/usage/index.ts'
import type { TracedRequest } from './mooncake.ts'
import type { CacheUse } from './prefix-cache.ts'

export const MODEL = 'claude-sonnet-4-5'
/** When the hour of the trace is put, for the rates: the trace says no date. */
const BEGAN = Date.UTC(2026, 10, 2)

export function catalogPrice(): PriceOf {
  const { book } = buildCatalog(bundledCatalogFiles())
  return (usage, organization) => price(usage, book, { organization, knownAt: BEGAN + 86_400_000 })
}

/** The calls as they would have been reported and posted, for one lifetime of the cache. */
export interface ReportedWorld {
  readonly calls: readonly PriceableCall[]
  readonly exact: ReadonlyMap<number, ExactCall>
  readonly cost: Picos
}

export function reportedWorld(
  requests: readonly TracedRequest[],
  uses: readonly CacheUse[],
  lifetime: '5m' | '1h',
  { priceOf, sessions }: { readonly priceOf: PriceOf; readonly sessions: boolean },
): ReportedWorld {
  const exact = new Map<number, ExactCall>()
  let cost = 0n
  const calls = requests.map((request, index): PriceableCall => {
    const use = uses[index]
    assert(use !== undefined, 'every request was simulated')
    const usage = usageOf(request, use, lifetime)
    const charge = priceOf(usage, 'trace')
    assert(charge.amount !== null && charge.status === 'exact', 'the catalog prices the model of the back-test')
    const seq = index + 1
    exact.set(seq, { usage, lines: [], costPosted: charge.amount })
    cost += charge.amount
    return callOf(request, use, seq, charge.amount, sessions)
  })
  return { calls, exact, cost: picos(cost) }
}

function usageOf({ atMs, outputTokens }: TracedRequest, use: CacheUse, lifetime: '5m' | '1h'): Usage {
  const meters: Meters = {
    input: use.plain,
    'input.cache_read': use.read,
    [lifetime === '5m' ? 'input.cache_write_5m' : 'input.cache_write_1h']: use.written,
    output: outputTokens,
  }
  const used = Object.fromEntries(Object.entries(meters).filter(([, quantity]) => quantity > 0)) satisfies Meters
  return {
    seller: 'anthropic',
    modelRequested: MODEL,
    modelServed: MODEL,
    at: BEGAN + atMs,
    inferences: [{ model: MODEL, kind: 'message', meters: used, evidence: {} }],
    context: {},
    notes: [],
    outcome: { ok: true },
  }
}

function callOf(request: TracedRequest, use: CacheUse, seq: number, cost: Picos, sessions: boolean): PriceableCall {
  return {
    seq,
    organization: 'trace',
    callId: `call-${seq}`,
    runId: null,
    at: BEGAN + request.atMs,
    agent: 'chat',
    action: null,
    sessionId: sessions ? request.session : null,
    model: MODEL,
    seller: 'anthropic',
    tier: null,
    success: true,
    inputTokens: request.inputTokens,
    cacheReadTokens: use.read,
    cacheWriteTokens: use.written,
    outputTokens: request.outputTokens,
    reasoningTokens: 0,
    usageEvidence: 'reported',
    cost,
    fingerprint: null,
    attended: true,
  }
}

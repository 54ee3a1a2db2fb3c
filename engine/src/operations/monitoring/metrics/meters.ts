import { addEffects, type CacheEffect, NO_EFFECT, type PriceAgain } from '../../../insights/index.ts'
import { type ErrorCode, type Picos, picos, usdNumberOfPicos, ZERO } from '../../../kernel/index.ts'
import type { JournalEntry } from '../../../ledger/index.ts'
import { counter } from './counters.ts'
import type { Family } from './family.ts'
import { ledgerCounters } from './ledger-counters.ts'
import { type AnsweredRequest, requestMetrics } from './request-metrics.ts'
import { spendCounters } from './spend-counters.ts'

/**
 * What has happened since this process started, counted as it happens, so that to ask costs nothing. Each node counts what it has committed itself: the sum over
 * the nodes is the whole.
 */
export interface Meters {
  /** Entries that this node has committed. Never throws: they are committed whatever becomes of their metrics. */
  committed(entries: readonly JournalEntry[]): void
  answered(request: AnsweredRequest): void
  refused(code: ErrorCode): void
  /** What caches have saved, of one organization or all; null where more organizations were seen than are counted apart. */
  cacheEffect(organization: string | null): CacheEffect | null
  families(): Family[]
}

/** Organizations whose savings are kept apart. */
const ORGANIZATIONS_MAX = 10_000

export function createMeters(price: PriceAgain): Meters {
  let embeddings: { readonly count: number; readonly sum: Picos } = { count: 0, sum: ZERO }
  const spend = spendCounters(price, (cost) => {
    embeddings = { count: embeddings.count + 1, sum: picos(embeddings.sum + cost) }
  })
  const ledger = ledgerCounters()
  const requests = requestMetrics()
  const faults = counter({
    dotted: 'purser.metrics.faults',
    name: 'purser_metrics_faults_total',
    help: 'Entries that could not be counted in all metrics: a fault of ours.',
    unit: null,
    labels: [],
  })
  const effects = new Map<string, CacheEffect>()
  let all = NO_EFFECT
  let isFull = false
  const addEffect = (organization: string, effect: CacheEffect): void => {
    all = addEffects(all, effect)
    const before = effects.get(organization)
    if (before !== undefined || effects.size < ORGANIZATIONS_MAX) effects.set(organization, addEffects(before ?? NO_EFFECT, effect))
    else isFull = true
  }
  const count = (entry: JournalEntry): void => {
    ledger.entry(entry)
    const { event, organization } = entry
    if (event.kind === 'adjustment') spend.adjusted(entry, event.adjustment)
    if (event.kind !== 'call') return
    const effect = spend.call(organization, event.call)
    if (effect !== null) addEffect(organization, effect)
  }
  return {
    committed(entries) {
      for (const entry of entries) {
        try {
          count(entry)
        } catch {
          faults.add([], 1)
        }
      }
    },
    answered: requests.answered,
    refused: requests.refused,
    cacheEffect(organization) {
      if (organization === null) return all
      return effects.get(organization) ?? (isFull ? null : NO_EFFECT)
    },
    families: () => [...spend.families(), embeddingFamily(embeddings), ...ledger.families(), ...requests.families(), faults.family()],
  }
}

function embeddingFamily({ count, sum }: { readonly count: number; readonly sum: Picos }): Family {
  return {
    dotted: 'finops.embedding.cost.usd',
    name: 'finops_embedding_cost_usd',
    kind: 'summary',
    help: 'US dollars spent on embeddings, as first posted, and how many calls that were.',
    unit: 'usd',
    series: [
      { suffix: '_sum', labels: {}, value: usdNumberOfPicos(sum) },
      { suffix: '_count', labels: {}, value: count },
    ],
  }
}

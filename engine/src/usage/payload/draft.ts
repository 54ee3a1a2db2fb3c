import type { AttestedCost, Evidence, Inference, Meter, ServiceTier, UsageContext, UsageNote } from '../usage.ts'
import type { Counter } from './counters.ts'

/** An inference while it is being read. */
export interface InferenceDraft {
  kind: Inference['kind']
  /** Null: the model of the response. */
  model: string | null
  readonly meters: { [M in Meter]?: number }
  readonly evidence: { [M in Meter]?: Evidence }
}

/** A usage while it is being read: what one shape found in one response. */
export interface Draft {
  model: string | null
  tier: ServiceTier | null
  region: string | null
  endpoint: string
  searchContext: NonNullable<UsageContext['searchContext']> | null
  readonly containerIds: string[]
  readonly inferences: InferenceDraft[]
  attested: AttestedCost | null
  readonly notes: UsageNote[]
}

export function newDraft(endpoint: string): Draft {
  return {
    model: null,
    tier: null,
    region: null,
    endpoint,
    searchContext: null,
    containerIds: [],
    inferences: [],
    attested: null,
    notes: [],
  }
}

export function addInference(draft: Draft, kind: Inference['kind'], model: string | null = null): InferenceDraft {
  const inference: InferenceDraft = { kind, model, meters: {}, evidence: {} }
  draft.inferences.push(inference)
  return inference
}

/** Counts a main meter: zero is kept, what is unknown is marked `missing`. */
export function meterTotal(inference: InferenceDraft, meter: Meter, counter: Counter, evidence: Evidence = 'reported'): void {
  if (counter === undefined || counter === null) {
    inference.evidence[meter] = 'missing'
    return
  }
  inference.meters[meter] = counter
  inference.evidence[meter] = evidence
}

/** Counts a part: only what was used is kept, so that an inference lists no empty meters. */
export function meterPart(inference: InferenceDraft, meter: Meter, count: number, evidence: Evidence = 'reported'): void {
  if (count <= 0) return
  inference.meters[meter] = (inference.meters[meter] ?? 0) + count
  inference.evidence[meter] = evidence
}

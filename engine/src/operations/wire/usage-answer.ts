import type { UsageExplained } from '@purser/contract'
import { formatInstant } from '../../kernel/index.ts'
import type { Inference, Meter, Usage } from '../../usage/index.ts'

export function usageAnswer(usage: Usage): UsageExplained {
  const { outcome } = usage
  return {
    seller: usage.seller === '' ? null : usage.seller,
    model_requested: usage.modelRequested,
    model_served: usage.modelServed,
    at: formatInstant(usage.at),
    inferences: usage.inferences.map((inference) => ({ model: inference.model, kind: inference.kind, meters: metersAnswer(inference) })),
    context: { ...usage.context },
    outcome: outcome.ok ? { ok: true } : { ok: false, code: outcome.code, message: outcome.message },
    notes: usage.notes.map(({ code, detail }) => ({ code, detail })),
  }
}

/** Counted meters and those whose count is missing, each with how it is known. */
function metersAnswer({ meters, evidence }: Inference): UsageExplained['inferences'][number]['meters'] {
  const names = [...new Set([...Object.keys(meters), ...Object.keys(evidence)])] as Meter[]
  return names.map((meter) => ({ meter, quantity: meters[meter] ?? null, evidence: evidence[meter] ?? 'reported' }))
}

import type { Millis } from '../../kernel/index.ts'
import type { Inference, MeterEvidence, Meters, Usage } from '../../usage/index.ts'
import { arrayOf, type Json, nullableText, numberOf, orZero, shaped, textOf } from './json.ts'

/** `[seller, modelRequested, modelServed, at or null when it is the call's, inferences, context, attested, notes, outcome]`. */
export function encodeUsage(usage: Usage, callAt: Millis): Json {
  return [
    usage.seller,
    usage.modelRequested,
    usage.modelServed,
    usage.at === callAt ? null : usage.at,
    usage.inferences.map(encodeInference),
    orZero(usage.context),
    usage.attested === undefined ? 0 : shaped<Json>(usage.attested as unknown as Json),
    orZero(usage.notes),
    usage.outcome.ok ? 1 : [usage.outcome.code, usage.outcome.message],
  ]
}

export function decodeUsage(value: Json, callAt: Millis): Usage {
  const [seller, modelRequested, modelServed, at, inferences, context, attested, notes, outcome] = arrayOf(value)
  return {
    seller: textOf(seller),
    modelRequested: nullableText(modelRequested),
    modelServed: nullableText(modelServed),
    at: at === null ? callAt : numberOf(at),
    inferences: arrayOf(inferences).map(decodeInference),
    context: context === 0 ? {} : shaped<Usage['context']>(context),
    ...(attested === 0 ? {} : { attested: shaped<NonNullable<Usage['attested']>>(attested) }),
    notes: notes === 0 ? [] : shaped<Usage['notes']>(notes),
    outcome: outcome === 1 ? { ok: true } : { ok: false, ...failureOf(arrayOf(outcome)) },
  }
}

function failureOf([code, message]: readonly Json[]): { readonly code: string; readonly message: string } {
  return { code: textOf(code), message: textOf(message) }
}

function encodeInference({ model, kind, meters, evidence }: Inference): Json {
  return [model, kind, meters as Json, allReported(meters, evidence) ? 1 : (evidence as Json)]
}

function decodeInference(value: Json): Inference {
  const [model, kind, meters, evidence] = arrayOf(value)
  const counted = shaped<Meters>(meters)
  return {
    model: textOf(model),
    kind: shaped<Inference['kind']>(kind),
    meters: counted,
    evidence: evidence === 1 ? reportedOf(counted) : shaped<MeterEvidence>(evidence),
  }
}

/** Most inferences: every meter there is was reported, and no evidence speaks of another meter. */
function allReported(meters: Meters, evidence: MeterEvidence): boolean {
  let counted = 0
  for (const meter in meters) {
    if (evidence[meter as keyof Meters] !== 'reported') return false
    counted++
  }
  for (const _ in evidence) counted--
  return counted === 0
}

function reportedOf(meters: Meters): MeterEvidence {
  const evidence: Record<string, 'reported'> = {}
  for (const meter in meters) evidence[meter] = 'reported'
  return evidence
}

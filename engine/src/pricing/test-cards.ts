import { readFileSync } from 'node:fs'
import type { Meters, Usage, UsageContext } from '../usage/index.ts'
import { identified } from './book/card-id.ts'
import type { RateCard } from './records.ts'

/** A public card of a vendor's page with sensible defaults, for tests. */
export function cardWith(facts: Partial<Omit<RateCard, 'id'>>): RateCard {
  return identified({
    organization: null,
    seller: 'acme',
    model: 'm',
    currency: 'USD',
    validFrom: 0,
    validTo: null,
    recordedAt: 0,
    retractedAt: null,
    status: 'active',
    rates: [],
    modifiers: [],
    source: { kind: 'vendor-doc', ref: 'test', checkedAt: 0, confidence: 'single' },
    ...facts,
  })
}

/** A usage of one inference with reported meters, for tests. */
export function usageWith(
  meters: Meters,
  facts: Partial<Usage> & { readonly model?: string; readonly context?: UsageContext } = {},
): Usage {
  const { model = 'm', ...rest } = facts
  return {
    seller: 'acme',
    modelRequested: model,
    modelServed: model,
    at: Date.UTC(2026, 0, 15),
    inferences: [{ model, kind: 'message', meters, evidence: {} }],
    context: {},
    notes: [],
    outcome: { ok: true },
    ...rest,
  }
}

/** A truth table of `conformance/pricing`. */
export function truthTable<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../../../conformance/pricing/${name}.json`, import.meta.url), 'utf8'))
}

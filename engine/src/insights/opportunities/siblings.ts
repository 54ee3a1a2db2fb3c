import type { PriceableCall } from '../../calls/index.ts'
import table from './siblings.json' with { type: 'json' }

const SIBLINGS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = table.siblings
const SAME_AS: Readonly<Record<string, string>> = table.sameAs
const WINDOWS: Readonly<Record<string, number>> = table.inputTokensMax

/** `-2024-08-06`, `-20250929` and `-latest`: a dated name is the same model at one date. */
const DATE_SUFFIX = /-(?:\d{4}-\d{2}-\d{2}|\d{8}|latest)$/
/** Bedrock names the region group of a profile before the model. */
const REGION_PREFIX = /^(?:us|eu|apac|au|jp|ca|sa|me|us-gov|global|regional)\./

/**
 * Cheaper models of the same seller and family that could serve a call, nearest first: those of `siblings.json` whose window its input fits
 * into. Whether one is cheaper for this call is for its price to say, not for the table. None when the seller or model is not known.
 */
export function siblingsOf(call: Pick<PriceableCall, 'seller' | 'model' | 'inputTokens'>): string[] {
  if (call.seller === null || call.model === null) return []
  const { models, prefix } = lookUp(call.seller, call.model)
  return models.filter((model) => call.inputTokens <= windowOf(model)).map((model) => prefix + model)
}

/** Whether the table knows a cheaper sibling of a model at all. */
export function hasSiblings(seller: string | null, model: string | null): boolean {
  return seller !== null && model !== null && lookUp(seller, model).models.length > 0
}

function lookUp(seller: string, model: string): { models: readonly string[]; prefix: string } {
  const family = tableOf(SAME_AS, seller) ?? seller
  const models = tableOf(SIBLINGS, family) ?? {}
  const prefix = family === 'aws' ? (REGION_PREFIX.exec(model)?.[0] ?? '') : ''
  const name = model.slice(prefix.length)
  return { models: tableOf(models, name) ?? tableOf(models, name.replace(DATE_SUFFIX, '')) ?? [], prefix }
}

/** Own members only: a model may be called `constructor`. */
function tableOf<Value>(record: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined
}

function windowOf(model: string): number {
  return tableOf(WINDOWS, model) ?? tableOf(WINDOWS, model.slice(model.indexOf('/') + 1)) ?? table.inputTokensMaxElsewhere
}

import { TOKEN_RATES, type WhatIfChange } from '@purser/contract'
import type { Filter } from '../../../calls/index.ts'
import type { Change } from '../../../insights/index.ts'
import { decimalOfNumber, fail, ok, parseDecimal, type Result, refusal } from '../../../kernel/index.ts'
import { organizationCard, type RateSetting, sellerId } from '../../../pricing/index.ts'
import { TOKEN_METERS } from '../../pricing/set-rates.ts'
import { filtersWhere } from '../../wire/where.ts'

/** The changes of a question, and the rates that some of them state, by their places. */
export interface StatedChanges {
  readonly changes: readonly Change[]
  readonly rates: ReadonlyMap<number, StatedRates>
}

/** Rates of a question's own: a card of whatever organization they are asked about. */
export type StatedRates = Pick<RateSetting, 'model' | 'rates'> & { readonly seller?: string }

/** Reads each change; refuses one that says nothing or more than one thing, with its path. */
export function statedChanges(stated: readonly WhatIfChange[]): Result<StatedChanges> {
  const changes: Change[] = []
  const rates = new Map<number, StatedRates>()
  for (const [index, change] of stated.entries()) {
    const path = `/changes/${index}`
    const kinds = Object.keys(change).filter((name) => name !== 'where')
    if (kinds.length !== 1) {
      const detail = `one change says one of ${KINDS}; ${kinds.length === 0 ? 'this one says none' : `this one says ${kinds.join(' and ')}`}`
      return fail(refusal('invalid_field', detail, { path }))
    }
    const where = filtersWhere(change.where, `${path}/where`)
    if (!where.ok) return where
    const read = readChange(change, where.value, path)
    if (!read.ok) return read
    changes.push(read.value.change)
    if (read.value.rates !== undefined) rates.set(index, read.value.rates)
  }
  if (changes.filter(({ kind }) => kind === 'cache_repeats').length > 1) {
    return fail(refusal('invalid_field', 'one time to live of the cache can be asked about at once', { path: '/changes' }))
  }
  return ok({ changes, rates })
}

const KINDS = 'swap_model, tier, caching, price, drop, dedupe, output_cap, retries'
const HOUR_MS = 3_600_000
const DEDUPE_HOURS = 24
/** A client that tries again does so within this. */
const RETRY_MS = HOUR_MS

type ReadChange = Result<{ readonly change: Change; readonly rates?: StatedRates }>

function readChange(change: WhatIfChange, where: readonly Filter[], path: string): ReadChange {
  const { swap_model: swap, tier, caching, price, drop, dedupe, output_cap: cap } = change
  if (swap !== undefined) {
    const seller = swap.provider === undefined ? null : sellerId(swap.provider)
    return ok({ change: { kind: 'swap_model', from: swap.from ?? null, to: swap.to, seller, where } })
  }
  if (tier !== undefined) return ok({ change: { kind: 'tier', tier, where } })
  if (caching !== undefined) return readCaching(caching, where, `${path}/caching`)
  if (price !== undefined) return readPrice(price, where, `${path}/price`)
  if (drop !== undefined) {
    const dropped = filtersWhere(drop, `${path}/drop`)
    return dropped.ok ? ok({ change: { kind: 'drop', where: [...where, ...dropped.value] } }) : dropped
  }
  if (dedupe !== undefined) {
    const hours = dedupe === true ? DEDUPE_HOURS : dedupe.within_hours
    return ok({ change: { kind: 'dedupe', withinMs: hours * HOUR_MS, where } })
  }
  if (cap !== undefined) return ok({ change: { kind: 'output_cap', tokens: cap, where } })
  return ok({ change: { kind: 'retries', withinMs: RETRY_MS, where } })
}

function readCaching(
  { read_share: share, repeats }: NonNullable<WhatIfChange['caching']>,
  where: readonly Filter[],
  path: string,
): ReadChange {
  if (share !== undefined && repeats === undefined) return ok({ change: { kind: 'read_share', share, where } })
  if (repeats !== undefined && share === undefined) return ok({ change: { kind: 'cache_repeats', ttl: repeats, where } })
  return fail(refusal('invalid_field', 'caching says either read_share or repeats', { path }))
}

function readPrice(price: NonNullable<WhatIfChange['price']>, where: readonly Filter[], path: string): ReadChange {
  const { model, provider, percent } = price
  const rates = TOKEN_RATES.flatMap((kind) => {
    const field = `${kind}_per_1m` as const
    const stated = price[field]
    return stated === undefined ? [] : [{ meter: TOKEN_METERS[kind], price: stated, per: 1_000_000, path: `${path}/${field}` }]
  })
  if ((percent === undefined) === (rates.length === 0)) {
    return fail(refusal('invalid_field', 'a price is either a percentage or rates such as input_per_1m', { path }))
  }
  if (percent !== undefined) {
    const value = typeof percent === 'number' ? decimalOfNumber(percent) : parseDecimal(percent)
    if (value === null || value.digits < -100n * 10n ** BigInt(value.scale)) {
      return fail(refusal('invalid_field', 'a percentage is a decimal of at least -100', { path: `${path}/percent` }))
    }
    const seller = provider === undefined ? null : sellerId(provider)
    return ok({ change: { kind: 'percent', model: model ?? null, seller, percent: value, where } })
  }
  if (model === undefined) return fail(refusal('missing_field', 'rates are those of one model', { path: `${path}/model` }))
  const stated: StatedRates = { model, rates, ...(provider === undefined ? {} : { seller: provider }) }
  const card = organizationCard({ ...stated, organization: 'what-if', setBy: 'what-if', at: 0 })
  return card.ok ? ok({ change: { kind: 'rates', model, where }, rates: stated }) : card
}

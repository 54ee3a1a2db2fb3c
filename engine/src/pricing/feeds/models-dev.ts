import { ok, type Result } from '../../kernel/index.ts'
import type { Meter } from '../../usage/index.ts'
import { identified } from '../book/card-id.ts'
import { sellerId } from '../book/sellers.ts'
import type { Rate, RateCard, When } from '../records.ts'
import {
  type FeedReading,
  type FeedSource,
  isRecord,
  parseFeed,
  priceText,
  rateSourceOf,
  tooManyModels,
  type Unmapped,
  wrongShape,
} from './feed.ts'

const FIELDS: Readonly<Record<string, Meter>> = {
  input: 'input',
  output: 'output',
  reasoning: 'output.reasoning',
  cache_read: 'input.cache_read',
  cache_write: 'input.cache_write',
  input_audio: 'input.audio',
  output_audio: 'output.audio',
}

/**
 * Reads the models.dev table (`api.json`, MIT), as published or as a plain object of sellers and models. A third witness: it has no dates, no
 * one-hour writes and no operator on its context tiers, which are read as "more than".
 */
export function readModelsDev(text: string, source: FeedSource): Result<FeedReading> {
  const parsed = parseFeed(text)
  if (!parsed.ok) return parsed
  if (!isRecord(parsed.value)) return wrongShape('an object of sellers is expected', '')
  const cards: RateCard[] = []
  const unmapped: Unmapped[] = []
  for (const [spelling, provider] of Object.entries(parsed.value)) {
    if (!isRecord(provider)) return wrongShape('a seller is an object of models', `/${spelling}`)
    const models = isRecord(provider.models) ? provider.models : provider
    if (tooManyModels(cards.length + Object.keys(models).length)) return wrongShape('too many models', `/${spelling}`)
    for (const [model, entry] of Object.entries(models)) {
      if (!isRecord(entry) || !isRecord(entry.cost)) continue
      const seller = sellerId(spelling)
      const rates = ratesOf(seller, model, entry.cost, { tier: ['standard'] }, unmapped)
      const fast = fastCost(entry)
      if (fast !== null) rates.push(...ratesOf(seller, model, fast, { tier: ['fast'] }, unmapped))
      if (rates.length > 0) cards.push(cardOf(seller, model, rates, source))
    }
  }
  return ok({ cards, aliases: [], unmapped })
}

function ratesOf(seller: string, model: string, cost: Record<string, unknown>, when: When, unmapped: Unmapped[]): Rate[] {
  const rates: Rate[] = []
  const report = (field: string, value: unknown, reason: Unmapped['reason']) =>
    unmapped.push({ seller, model, field, value: JSON.stringify(value), reason })
  for (const [field, value] of Object.entries(cost)) {
    if (field === 'tiers' && Array.isArray(value)) {
      for (const tier of value) {
        const size = isRecord(tier) && isRecord(tier.tier) ? tier.tier.size : null
        if (!isRecord(tier) || typeof size !== 'number' || !Number.isSafeInteger(size)) {
          report(field, tier, 'not_a_price')
          continue
        }
        const { tier: _size, ...prices } = tier
        rates.push(
          ...ratesOf(seller, model, prices, { ...when, bracket: { basis: 'input_total', op: 'gt', at: size, mode: 'whole' } }, unmapped),
        )
      }
      continue
    }
    const meter = Object.hasOwn(FIELDS, field) ? FIELDS[field] : undefined
    const price = priceText(value)
    if (meter === undefined) report(field, value, 'no_meter')
    else if (price === null) report(field, value, 'not_a_price')
    else rates.push({ meter, price, per: 1_000_000, when })
  }
  return rates
}

function fastCost(entry: Record<string, unknown>): Record<string, unknown> | null {
  const modes = isRecord(entry.experimental) ? entry.experimental.modes : null
  const fast = isRecord(modes) ? modes.fast : null
  return isRecord(fast) && isRecord(fast.cost) ? fast.cost : null
}

function cardOf(seller: string, model: string, rates: readonly Rate[], source: FeedSource): RateCard {
  return identified({
    organization: null,
    seller,
    model,
    currency: 'USD',
    validFrom: 0,
    validTo: null,
    recordedAt: source.recordedAt === 'baseline' ? 0 : source.recordedAt,
    retractedAt: null,
    status: 'active',
    rates,
    modifiers: [],
    source: rateSourceOf(source),
  })
}

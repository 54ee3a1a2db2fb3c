import { type Millis, ok, parseInstant, type Result } from '../../kernel/index.ts'
import type { Meter } from '../../usage/index.ts'
import { identified } from '../book/card-id.ts'
import type { ModelAlias, Rate, RateCard, When } from '../records.ts'
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
import { aliasesOf } from './genai-names.ts'

/** Price keys of the table and what they measure. The cache write is told apart by whether the table also has a one-hour price. */
const KEYS: Readonly<Record<string, readonly [meter: Meter, per: number]>> = {
  input_mtok: ['input', 1_000_000],
  output_mtok: ['output', 1_000_000],
  cache_read_mtok: ['input.cache_read', 1_000_000],
  cache_write_mtok: ['input.cache_write', 1_000_000],
  cache_write_1h_mtok: ['input.cache_write_1h', 1_000_000],
  input_audio_mtok: ['input.audio', 1_000_000],
  output_audio_mtok: ['output.audio', 1_000_000],
  cache_audio_read_mtok: ['input.cache_read.audio', 1_000_000],
  input_image_mtok: ['input.image', 1_000_000],
  output_image_mtok: ['output.image', 1_000_000],
  cache_image_read_mtok: ['input.cache_read.image', 1_000_000],
  input_video_mtok: ['input.video', 1_000_000],
  output_video_mtok: ['output.video', 1_000_000],
  output_reasoning_mtok: ['output.reasoning', 1_000_000],
  output_citation_mtok: ['output.citation', 1_000_000],
  audio_hours: ['audio.seconds', 3_600],
  input_audio_hours: ['audio.seconds', 3_600],
  input_document_kpages: ['pages', 1_000],
  web_searches_kcount: ['tool.web_search', 1_000],
  storage_searches_kcount: ['tool.file_search', 1_000],
  social_searches_kcount: ['tool.x_search', 1_000],
  requests_kcount: ['request', 1_000],
}

/**
 * Reads the genai-prices table (its v2 `data.json`, or the same records taken from its package): one card per model and span of validity.
 * A tier that starts at 271999 means more than 271,999 tokens. Entries with a start date close the one before them, unless they lie
 * in the future: an announced price leaves the present one open, so that taking it back restores it.
 * https://github.com/pydantic/genai-prices (MIT), prices/new_data/v2/data.schema.json.
 */
export function readGenaiPrices(text: string, source: FeedSource): Result<FeedReading> {
  const parsed = parseFeed(text)
  return parsed.ok ? readProviders(parsed.value, source) : parsed
}

/** The table is a list of providers, or an object that holds it. */
function readProviders(table: unknown, source: FeedSource): Result<FeedReading> {
  const providers = isRecord(table) ? table.providers : table
  if (!Array.isArray(providers)) return wrongShape('a list of providers is expected', '')
  const reading: { cards: RateCard[]; aliases: ModelAlias[]; unmapped: Unmapped[] } = { cards: [], aliases: [], unmapped: [] }
  for (const [index, provider] of providers.entries()) {
    if (!isRecord(provider) || typeof provider.id !== 'string' || !Array.isArray(provider.models)) {
      return wrongShape('a provider has an id and a list of models', `/${index}`)
    }
    if (tooManyModels(reading.cards.length + provider.models.length)) return wrongShape('too many models', `/${index}/models`)
    for (const [at, model] of provider.models.entries()) {
      if (!isRecord(model) || typeof model.id !== 'string') return wrongShape('a model has an id', `/${index}/models/${at}`)
      reading.cards.push(...cardsOf(provider.id, model.id, model.prices, source, reading.unmapped))
    }
    const named = aliasesOf(provider.id, provider.models)
    reading.aliases.push(...named.aliases)
    reading.unmapped.push(...named.unmapped)
  }
  return ok(reading)
}

const ANY: When = Object.freeze({})
const STANDARD: When = Object.freeze({ tier: Object.freeze(['standard'] as const) })

const FREE = { input_mtok: 0, output_mtok: 0, cache_read_mtok: 0, cache_write_mtok: 0 }

interface Entry {
  readonly from: Millis
  readonly prices: Record<string, unknown>
}

function cardsOf(seller: string, model: string, prices: unknown, source: FeedSource, unmapped: Unmapped[]): RateCard[] {
  const list = Array.isArray(prices) ? prices : [{ prices }]
  const dated: Entry[] = []
  const windowed: { when: When; prices: Record<string, unknown> }[] = []
  for (const entry of list) {
    const constraint = isRecord(entry) && isRecord(entry.constraint) ? entry.constraint : null
    const start =
      constraint === null ? 0 : typeof constraint.start_date === 'string' ? parseInstant(`${constraint.start_date}T00:00:00Z`) : null
    const window = constraint === null ? null : windowOf(constraint)
    if (!isRecord(entry) || !isRecord(entry.prices))
      unmapped.push({ seller, model, field: 'prices', value: JSON.stringify(entry) ?? '', reason: 'not_a_price' })
    else if (start !== null) dated.push({ from: start, prices: entry.prices })
    else if (window !== null) windowed.push({ when: { window }, prices: entry.prices })
    else unmapped.push({ seller, model, field: 'constraint', value: JSON.stringify(constraint), reason: 'not_a_price' })
  }
  if (list.length === 1 && dated[0] !== undefined && Object.keys(dated[0].prices).length === 0) {
    // No price and a price of zero are written alike; only a name that says `free` tells which it is.
    if (!model.endsWith(':free')) {
      unmapped.push({ seller, model, field: 'prices', value: '{}', reason: 'not_a_price' })
      return []
    }
    dated[0] = { from: 0, prices: FREE }
  }
  dated.sort((a, b) => a.from - b.from)
  const rateSource = rateSourceOf(source)
  const current = dated.findLastIndex((entry) => entry.from <= source.checkedAt)
  return dated.map((entry, index) => {
    const next = dated[index + 1]
    const announced = entry.from > source.checkedAt
    const rates = ratesOf(seller, model, entry.prices, ANY, unmapped)
    // The table cannot give a window a date; windows hold with the entry in force, not with its past.
    if (index === current) for (const window of windowed) rates.push(...ratesOf(seller, model, window.prices, window.when, unmapped))
    if (index === current && windowed.length > 0 && dated.length > 1) {
      unmapped.push({
        seller,
        model,
        field: 'constraint',
        value: 'windows are read as starting with the latest dated entry',
        reason: 'window_without_date',
      })
    }
    return identified({
      organization: null,
      seller,
      model,
      currency: 'USD',
      validFrom: entry.from,
      validTo: next === undefined || next.from > source.checkedAt ? null : next.from,
      recordedAt: source.recordedAt !== 'baseline' ? source.recordedAt : announced ? source.checkedAt : entry.from,
      retractedAt: null,
      status: announced ? 'scheduled' : 'active',
      rates,
      modifiers: [],
      source: rateSource,
    })
  })
}

function windowOf(constraint: Record<string, unknown>): NonNullable<When['window']> | null {
  const { start_time: from, end_time: to } = constraint
  if (typeof from !== 'string' || typeof to !== 'string') return null
  return { zone: 'UTC', from: from.replace(/Z$/, ''), to: to.replace(/Z$/, '') }
}

function ratesOf(seller: string, model: string, prices: Record<string, unknown>, when: When, unmapped: Unmapped[]): Rate[] {
  const rates: Rate[] = []
  const hasHour = prices.cache_write_1h_mtok !== undefined
  for (const [key, value] of Object.entries(prices)) {
    if (value === undefined || value === null) continue
    const unit = Object.hasOwn(KEYS, key) ? KEYS[key] : undefined
    if (unit === undefined) {
      unmapped.push({ seller, model, field: key, value: JSON.stringify(value), reason: 'no_meter' })
      continue
    }
    if (key === 'input_audio_hours' && prices.audio_hours !== undefined) continue
    const [named, per] = unit
    const meter: Meter = named === 'input.cache_write' && hasHour ? 'input.cache_write_5m' : named
    const steps = stepsOf(value)
    if (steps === null) unmapped.push({ seller, model, field: key, value: JSON.stringify(value), reason: 'not_a_price' })
    for (const step of steps ?? []) {
      // The table knows only standard prices of tokens; fees for tools and requests do not depend on the tier.
      const known: When = isTiered(meter) ? STANDARD : ANY
      const condition: When =
        step.above === null && when === ANY
          ? known
          : {
              ...known,
              ...when,
              ...(step.above === null ? {} : { bracket: { basis: 'input_total', op: 'gt', at: step.above, mode: 'whole' } }),
            }
      rates.push(condition === ANY ? { meter, price: step.price, per } : { meter, price: step.price, per, when: condition })
    }
  }
  return rates
}

/** Whether a service tier (batch, flex, priority) changes the meter's price at all. */
export function isTiered(meter: Meter): boolean {
  return meter.startsWith('input') || meter.startsWith('output') || meter === 'audio.seconds'
}

/** A price, or a base with brackets; null when it is neither. */
function stepsOf(value: unknown): { above: number | null; price: string }[] | null {
  if (!isRecord(value)) {
    const price = priceText(value)
    return price === null ? null : [{ above: null, price }]
  }
  const base = priceText(value.base)
  if (base === null || !Array.isArray(value.tiers)) return null
  const steps: { above: number | null; price: string }[] = [{ above: null, price: base }]
  for (const tier of value.tiers) {
    const price = isRecord(tier) ? priceText(tier.price) : null
    if (!isRecord(tier) || price === null || typeof tier.start !== 'number' || !Number.isSafeInteger(tier.start)) return null
    steps.push({ above: tier.start, price })
  }
  return steps
}

import { ok, type Result } from '../../kernel/index.ts'
import type { Meter } from '../../usage/index.ts'
import { identified } from '../book/card-id.ts'
import { sellerId } from '../book/sellers.ts'
import type { Modifier, Rate, RateCard, When } from '../records.ts'
import {
  decimalText,
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
import { isTiered } from './genai-prices.ts'
import { litellmField, looksLikePrice } from './litellm-fields.ts'

/** Sellers whose tables say "below 272K", so that the threshold itself is already in the bracket. */
const INCLUSIVE: ReadonlySet<string> = new Set(['openai', 'azure', 'x-ai'])

interface Draft {
  readonly seller: string
  readonly model: string
  readonly rates: Rate[]
  readonly modifiers: Modifier[]
}

/**
 * Reads the litellm table (`model_prices_and_context_window.json`, MIT): tiers, brackets, one-hour writes, search fees, uplifts. Several keys may
 * name one model of one seller; the first one's rate holds and a differing later one is reported.
 */
export function readLitellm(text: string, source: FeedSource): Result<FeedReading> {
  const parsed = parseFeed(text)
  if (!parsed.ok) return parsed
  if (!isRecord(parsed.value)) return wrongShape('an object of models is expected', '')
  const entries = Object.entries(parsed.value)
  if (tooManyModels(entries.length)) return wrongShape('too many models', '')
  const drafts = new Map<string, Draft>()
  const unmapped: Unmapped[] = []
  for (const [key, entry] of entries) {
    if (key === 'sample_spec' || !isRecord(entry)) continue
    const { seller, model, region } = nameOf(key, entry.litellm_provider)
    const id = `${seller} ${model}`
    const draft = drafts.get(id) ?? { seller, model, rates: [], modifiers: [] }
    drafts.set(id, draft)
    addEntry(draft, entry, region === null ? {} : { region: [region] }, unmapped)
  }
  const cards = [...drafts.values()]
    .filter((draft) => draft.rates.length > 0 || draft.modifiers.length > 0)
    .map((draft) => cardOf(draft, source))
  return ok({ cards, aliases: [], unmapped })
}

/** Seller, model and region of a key: `azure/eu/gpt-5.1`, `gemini/gemini-2.5-pro`, `bedrock/us-east-1/…`, `vertex_ai/claude-…`. */
export function nameOf(key: string, provider: unknown): { seller: string; model: string; region: string | null } {
  const spelt = typeof provider === 'string' ? provider.replace(/^(vertex_ai)-.*$/, '$1').replace(/-embedding-models$/, '') : ''
  const seller = spelt === '' ? sellerId(key.split('/')[0] ?? '') : sellerId(spelt)
  const head = key.slice(0, Math.max(0, key.indexOf('/')))
  let model = head !== '' && (sellerId(head) === seller || head === spelt) ? key.slice(head.length + 1) : key
  const scope = /^(eu|us|global|global-standard|[a-z]{2}(?:-gov)?-[a-z]+-\d)\/(.+)$/.exec(model)
  let region: string | null = null
  if ((seller === 'azure' || seller === 'aws') && scope?.[1] !== undefined && scope[2] !== undefined) {
    region = scope[1]
    model = scope[2]
  }
  return { seller, model, region }
}

function addEntry(draft: Draft, entry: Record<string, unknown>, when: When, unmapped: Unmapped[]): void {
  const { seller, model } = draft
  const mode = typeof entry.mode === 'string' ? entry.mode : ''
  const hasHour = entry.cache_creation_input_token_cost_above_1hr !== undefined
  const report = (field: string, value: unknown, reason: Unmapped['reason']) =>
    unmapped.push({ seller, model, field, value: JSON.stringify(value) ?? '', reason })
  const read = (field: string, value: unknown, bracket: number | null) => {
    const known = litellmField(field, mode)
    if (known === null) {
      report(field, value, 'no_meter')
      return
    }
    const price = priceText(value, known.shift)
    if (price === null) {
      report(field, value, 'not_a_price')
      return
    }
    const meter: Meter = known.meter === 'input.cache_write' && hasHour ? 'input.cache_write_5m' : known.meter
    const at = known.above ?? bracket
    const condition: When = {
      ...(known.tier !== null ? { tier: [known.tier] } : isTiered(meter) ? { tier: ['standard'] } : {}),
      ...when,
      ...(at === null
        ? {}
        : { bracket: { basis: 'input_total', op: bracket === null && INCLUSIVE.has(seller) ? 'gte' : 'gt', at, mode: 'whole' } }),
    }
    addRate(draft, { meter, price, per: known.per, ...(Object.keys(condition).length === 0 ? {} : { when: condition }) }, field, report)
  }
  for (const [field, value] of Object.entries(entry)) {
    if (!looksLikePrice(field) || value === null) continue
    if (field === 'search_context_cost_per_query') addSearch(draft, value, when, report)
    else if (field === 'tiered_pricing') addTiers(value, read, report)
    else if (/^regional_processing_uplift_multiplier_(eu|us)$/.test(field))
      addModifier(draft, value, { region: [field.slice(-2)] }, field, report)
    else if (field === 'provider_specific_entry' && isRecord(value)) {
      for (const [name, factor] of Object.entries(value)) {
        if (name === 'us') addModifier(draft, factor, { region: ['us'] }, name, report)
        else if (name === 'fast') addModifier(draft, factor, { tier: ['fast'] }, name, report)
        else report(`${field}.${name}`, factor, 'no_meter')
      }
    } else if (field !== 'web_search_billing_unit') read(field, value, null)
  }
}

type Report = (field: string, value: unknown, reason: Unmapped['reason']) => void

function addRate(draft: Draft, rate: Rate, field: string, report: Report): void {
  const condition = JSON.stringify(rate.when ?? {})
  const known = draft.rates.find((other) => other.meter === rate.meter && JSON.stringify(other.when ?? {}) === condition)
  if (known === undefined) draft.rates.push(rate)
  else if (known.price !== rate.price || known.per !== rate.per) report(field, rate.price, 'duplicate')
}

/** Fees per query by search size. Perplexity charges them per request; elsewhere they are fees of the search tool. */
function addSearch(draft: Draft, value: unknown, when: When, report: Report): void {
  const meter: Meter = draft.seller === 'perplexity' ? 'request' : 'tool.web_search'
  const sizes = (['low', 'medium', 'high'] as const).map((size) => ({
    size,
    price: isRecord(value) ? priceText(value[`search_context_size_${size}`], 3) : null,
  }))
  const prices = new Set(sizes.map((entry) => entry.price))
  if (prices.has(null)) {
    report('search_context_cost_per_query', value, 'not_a_price')
    return
  }
  const [first] = sizes
  if (prices.size === 1 && first?.price != null) {
    const condition = Object.keys(when).length === 0 ? {} : { when }
    addRate(draft, { meter, price: first.price, per: 1_000, ...condition }, 'search_context_cost_per_query', report)
    return
  }
  for (const { size, price } of sizes) {
    if (price !== null)
      addRate(draft, { meter, price, per: 1_000, when: { ...when, searchContext: [size] } }, 'search_context_cost_per_query', report)
  }
}

function addTiers(value: unknown, read: (field: string, value: unknown, bracket: number | null) => void, report: Report): void {
  if (!Array.isArray(value)) {
    report('tiered_pricing', value, 'not_a_price')
    return
  }
  for (const tier of value) {
    const from = isRecord(tier) && Array.isArray(tier.range) ? tier.range[0] : null
    if (!isRecord(tier) || typeof from !== 'number' || !Number.isSafeInteger(from)) {
      report('tiered_pricing', tier, 'not_a_price')
      continue
    }
    for (const [field, price] of Object.entries(tier)) if (looksLikePrice(field)) read(field, price, from === 0 ? null : from)
  }
}

function addModifier(draft: Draft, value: unknown, when: When, field: string, report: Report): void {
  const text = priceText(value)
  const [whole = '', fraction = ''] = (text ?? '').split('.')
  const num = Number(`${whole}${fraction}`)
  if (text === null || num === 0 || decimalText({ digits: BigInt(num), scale: fraction.length }) !== text) {
    report(field, value, 'not_a_price')
    return
  }
  const id = when.region === undefined ? 'fast' : `region-${when.region[0]}`
  if (!draft.modifiers.some((modifier) => modifier.id === id)) {
    draft.modifiers.push({ id, factor: { num, den: 10 ** fraction.length }, meters: ['input', 'output'], when })
  }
}

function cardOf(draft: Draft, source: FeedSource): RateCard {
  return identified({
    organization: null,
    seller: draft.seller,
    model: draft.model,
    currency: 'USD',
    validFrom: 0,
    validTo: null,
    recordedAt: source.recordedAt === 'baseline' ? 0 : source.recordedAt,
    retractedAt: null,
    status: 'active',
    rates: draft.rates,
    modifiers: draft.modifiers,
    source: rateSourceOf(source),
  })
}

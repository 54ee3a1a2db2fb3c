import { assert, type Millis, parseInstant } from '../../kernel/index.ts'
import { identified } from '../book/card-id.ts'
import type { ModelAlias, Modifier, Rate, RateCard, RateSource } from '../records.ts'

/** The hand-kept file of rates that vendors state and the first table lacks. Dates are UTC days, or instants where a price changed within a day; an absent date means as far as we know. */
interface VendorCards {
  readonly sources: Readonly<Record<string, Omit<RateSource, 'checkedAt'> & { readonly checkedAt: string }>>
  readonly aliases: readonly (Omit<ModelAlias, 'match' | 'validFrom' | 'validTo'> & {
    readonly match?: ModelAlias['match']
    readonly validFrom?: string
    readonly validTo?: string
  })[]
  readonly cards: readonly VendorCard[]
}

interface VendorCard {
  readonly seller: string
  readonly models: readonly string[]
  readonly source: string
  readonly status?: RateCard['status']
  readonly validFrom?: string
  readonly validTo?: string
  readonly recordedAt?: string
  readonly retractedAt?: string
  readonly rates?: readonly (Omit<Rate, 'per'> & { readonly per?: number })[]
  readonly modifiers?: readonly Modifier[]
}

/** Reads our own file. It is part of the program, so a mistake in it is a bug and throws. */
export function readVendorCards(text: string): { cards: readonly RateCard[]; aliases: readonly ModelAlias[] } {
  const file: VendorCards = JSON.parse(text)
  const cards = file.cards.flatMap((entry) => entry.models.map((model) => cardOf(entry, model, sourceOf(file, entry.source))))
  const aliases = file.aliases.map(
    (alias): ModelAlias => ({
      seller: alias.seller,
      name: alias.name,
      match: alias.match ?? 'equals',
      model: alias.model,
      validFrom: instant(alias.validFrom) ?? 0,
      validTo: instant(alias.validTo),
      ...(alias.doubt === undefined ? {} : { doubt: alias.doubt }),
    }),
  )
  return { cards, aliases }
}

function sourceOf(file: VendorCards, name: string): RateSource {
  const source = file.sources[name]
  assert(source !== undefined, `vendor-cards.json has no source ${name}`)
  const checkedAt = instant(source.checkedAt)
  assert(checkedAt !== null, `source ${name} has no day of checking`)
  return { ...source, checkedAt }
}

function cardOf(entry: VendorCard, model: string, source: RateSource): RateCard {
  return identified({
    organization: null,
    seller: entry.seller,
    model,
    currency: 'USD',
    validFrom: instant(entry.validFrom) ?? 0,
    validTo: instant(entry.validTo),
    recordedAt: instant(entry.recordedAt) ?? 0,
    retractedAt: instant(entry.retractedAt),
    status: entry.status ?? 'active',
    rates: (entry.rates ?? []).map((rate): Rate => ({ ...rate, per: rate.per ?? 1_000_000 })),
    modifiers: entry.modifiers ?? [],
    source,
  })
}

function instant(text: string | undefined): Millis | null {
  if (text === undefined) return null
  const at = parseInstant(text.includes('T') ? text : `${text}T00:00:00Z`)
  assert(at !== null, `vendor-cards.json has an impossible time ${text}`)
  return at
}

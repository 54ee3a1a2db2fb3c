import type { Millis } from '../../kernel/index.ts'
import type { ModelAlias } from '../records.ts'
import type { BookIndex, CardBook } from './book.ts'
import { type NameReading, readingsOf } from './names.ts'
import { inferSeller, isRouter, LISTED_BY, sellerId } from './sellers.ts'

/** Which cards price a model, and how its name led there. */
export interface Resolution {
  /** Who is paid, by the catalog's id. */
  readonly seller: string
  /** Seller and model of the public cards; null when no table knows the model. */
  readonly listing: { readonly seller: string; readonly model: string } | null
  readonly rule: NameReading['rule'] | 'pointer' | 'alias' | 'prefix' | 'other_sellers_card' | 'none'
  /** All names under which an organization may have filed its own rates. */
  readonly names: readonly string[]
  /** Another listing that the name may mean, and when. */
  readonly instead: { readonly seller: string; readonly model: string; readonly when: string } | null
  readonly doubt: string | null
  /** Times at which a dated pointer that was looked at begins or ends. */
  readonly turningPoints: readonly Millis[]
}

/**
 * Finds the cards of a model as a call names it. First a dated pointer of ours, then a card of that very name, then an alias of a table;
 * for the name as given, then for each reading of it. Then the maker's list, for clouds that resell it. A miss stays a miss.
 */
export function resolveModel(book: CardBook, seller: string, model: string, at: Millis): Resolution {
  const named = nameSeller(book, seller, model)
  if (named === null) return miss(sellerId(seller), [model])
  const readings = readingsOf(named.seller, named.model)
  const turningPoints: Millis[] = []
  const read = [model, ...readings.map((reading) => reading.name)]
  const names: string[] = [...new Set([...read, ...read.map((name) => `${named.seller}/${name}`)])]
  for (const listingSeller of [named.seller, ...(LISTED_BY.get(named.seller) ?? [])]) {
    for (const reading of readings) {
      const found = lookUp(book.index, listingSeller, reading.name, at, turningPoints)
      if (found === null) continue
      const other = listingSeller !== named.seller
      const scope = firstFound(reading.instead ?? [], (name) => lookUp(book.index, listingSeller, name, at, turningPoints))
      return {
        seller: named.seller,
        listing: { seller: listingSeller, model: found.model },
        rule: other ? 'other_sellers_card' : (found.via ?? reading.rule),
        names: [...new Set([...names, found.model, `${named.seller}/${found.model}`])],
        instead: insteadOf(listingSeller, found, scope),
        doubt: found.doubt,
        turningPoints,
      }
    }
  }
  return { ...miss(named.seller, names), turningPoints }
}

function firstFound(names: readonly string[], look: (name: string) => Found | null): Found | null {
  for (const name of names) {
    const found = look(name)
    if (found !== null) return found
  }
  return null
}

function insteadOf(seller: string, found: Found, scope: Found | null): Resolution['instead'] {
  if (scope !== null && scope.model !== found.model) return { seller, model: scope.model, when: 'the endpoint is global, not regional' }
  if (found.otherwise !== null) return { seller, model: found.otherwise, when: 'the name is read as the tables file it' }
  return null
}

interface Found {
  readonly model: string
  readonly via: 'pointer' | 'alias' | 'prefix' | null
  readonly doubt: string | null
  readonly otherwise: string | null
}

function lookUp(index: BookIndex, seller: string, name: string, at: Millis, turningPoints: Millis[]): Found | null {
  const aliases = index.pointers.get(seller)?.get(name) ?? []
  for (const alias of aliases) turningPoints.push(alias.validFrom, ...(alias.validTo === null ? [] : [alias.validTo]))
  const live = aliases.filter((alias) => alias.validFrom <= at && (alias.validTo === null || at < alias.validTo))
  const hasCard = index.bySeller.get(seller)?.has(name) === true
  const dated = latest(live.filter((alias) => alias.doubt !== undefined || alias.validFrom > 0))
  const plain = latest(live.filter((alias) => alias.doubt === undefined && alias.validFrom <= 0))
  const literal = hasCard ? name : (plain?.model ?? null)
  if (dated !== null) {
    // A pointer that is beyond doubt has one meaning at a time.
    const otherwise = dated.doubt === undefined || literal === dated.model ? null : literal
    return { model: dated.model, via: 'pointer', doubt: dated.doubt ?? null, otherwise }
  }
  if (literal !== null) return { model: literal, via: hasCard ? null : 'alias', doubt: null, otherwise: null }
  const prefix = index.prefixes.get(seller)?.find((alias) => name.startsWith(alias.name))
  return prefix === undefined ? null : { model: prefix.model, via: 'prefix', doubt: prefix.doubt ?? null, otherwise: null }
}

function latest(aliases: readonly ModelAlias[]): ModelAlias | null {
  return aliases.reduce<ModelAlias | null>((best, alias) => (best === null || alias.validFrom > best.validFrom ? alias : best), null)
}

function nameSeller(book: CardBook, seller: string, model: string): { seller: string; model: string } | null {
  const id = sellerId(seller)
  if (!isRouter(id)) return { seller: id, model }
  return inferSeller(model, (candidate) => book.index.bySeller.has(candidate))
}

function miss(seller: string, names: readonly string[]): Resolution {
  return { seller, listing: null, rule: 'none', names, instead: null, doubt: null, turningPoints: [] }
}

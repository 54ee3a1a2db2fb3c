import { wellFormedText } from '../../kernel/index.ts'
import { type Field, JSON_FIELDS, MAPPING, TAG_PREFIXES, TAGGED } from './mapping.ts'

/** A value of an attribute that something can be read from; arrays, maps and bytes are not read. */
export type AttributeValue = string | number | boolean

/** What the attributes of one span, event or resource say, by the rows of the mapping table. */
export interface Facts {
  /** Fields that are said, by their number; few of many, so they are listed and not indexed. */
  readonly fields: number[]
  /** In the order of `fields`. */
  readonly values: AttributeValue[]
  /** In the order of `fields`: the place of the name that said it. The lower, the sooner. */
  readonly places: number[]
  tags: Record<string, string> | null
}

const FIELDS = Object.keys(MAPPING) as Field[]
/** The number of each field. */
export const FIELD_INDEX = Object.fromEntries(FIELDS.map((field, index) => [field, index])) as Readonly<Record<Field, number>>

/** What is done with an attribute of some name. */
export interface Taking {
  readonly fields: readonly { readonly index: number; readonly place: number }[]
  readonly tag: string | null
  /** Longer texts are cut (or, where they are JSON, not read). */
  readonly charsMax: number
  readonly json: boolean
}

const TEXT_CHARS_MAX = 256
const JSON_CHARS_MAX = 1_048_576
const TAGS_MAX = 32

const TAKINGS: ReadonlyMap<string, Taking> = takings()

function takings(): Map<string, Taking> {
  const found = new Map<string, { fields: { index: number; place: number }[]; tag: string | null; charsMax: number; json: boolean }>()
  const of = (name: string) => {
    const known = found.get(name) ?? { fields: [], tag: TAGGED[name] ?? null, charsMax: TEXT_CHARS_MAX, json: false }
    found.set(name, known)
    return known
  }
  for (const field of FIELDS) {
    for (const [place, name] of MAPPING[field].entries()) {
      const taking = of(name)
      taking.fields.push({ index: FIELD_INDEX[field], place })
      if (JSON_FIELDS.has(field)) {
        taking.charsMax = JSON_CHARS_MAX
        taking.json = true
      }
    }
  }
  for (const name of Object.keys(TAGGED)) of(name)
  return found
}

export function newFacts(): Facts {
  return { fields: [], values: [], places: [], tags: null }
}

/** What is to be done with an attribute; undefined: nobody reads it, and its value need not be decoded. */
export function takingOf(name: string): Taking | undefined {
  return TAKINGS.get(name) ?? tagTaking(name)
}

/** Metadata by prefix; only names that begin as one of the prefixes do are compared. */
function tagTaking(name: string): Taking | undefined {
  const first = name.charCodeAt(0)
  if (first !== 97 && first !== 108 && first !== 116 && first !== 112) return undefined
  for (const prefix of TAG_PREFIXES) {
    if (!name.startsWith(prefix) || name.length === prefix.length || name.length > prefix.length + TEXT_CHARS_MAX) continue
    return { fields: NO_FIELDS, tag: wellFormedText(name.slice(prefix.length)), charsMax: TEXT_CHARS_MAX, json: false }
  }
  return undefined
}

const NO_FIELDS: Taking['fields'] = []

/** Keeps what an attribute says, unless an earlier name of the table has said it. Empty texts and numbers that are none say nothing. */
export function take(facts: Facts, taking: Taking, raw: AttributeValue): void {
  const value = usable(raw, taking)
  if (value === undefined) return
  for (const { index, place } of taking.fields) {
    const at = facts.fields.indexOf(index)
    if (at < 0) {
      facts.fields.push(index)
      facts.values.push(value)
      facts.places.push(place)
    } else if ((facts.places[at] ?? 0) > place) {
      facts.values[at] = value
      facts.places[at] = place
    }
  }
  if (taking.tag !== null) tag(facts, taking.tag, String(value))
}

function usable(value: AttributeValue, { charsMax, json }: Taking): AttributeValue | undefined {
  if (typeof value !== 'string') return typeof value === 'number' && Number.isNaN(value) ? Number.NaN : value
  if (value === '' || (json && value.length > charsMax)) return undefined
  const short = value.length > charsMax ? value.slice(0, charsMax) : value
  // Most texts are plain; the search for lone surrogates is a regular expression.
  return PLAIN.test(short) ? short : wellFormedText(short)
}

const PLAIN = /^[\x20-\x7e]*$/

function tag(facts: Facts, name: string, value: string): void {
  facts.tags ??= {}
  if (Object.hasOwn(facts.tags, name) || Object.keys(facts.tags).length >= TAGS_MAX) return
  Object.defineProperty(facts.tags, name, { value, enumerable: true, writable: true, configurable: true })
}

export function factOf(facts: Facts, field: Field): AttributeValue | undefined {
  return facts.values[facts.fields.indexOf(FIELD_INDEX[field])]
}

/** What a field says in words; null where it says nothing. */
export function textFact(facts: Facts, field: Field): string | null {
  const value = factOf(facts, field)
  return value === undefined ? null : typeof value === 'string' ? value : String(value)
}

/** The name of the table by which a field was said; null when it was not. */
export function saidBy(facts: Facts, field: Field): string | null {
  const place = facts.places[facts.fields.indexOf(FIELD_INDEX[field])]
  return place === undefined ? null : (MAPPING[field][place] ?? null)
}

/** Sets what is computed and not read. */
export function setFact(facts: Facts, field: Field, value: AttributeValue): void {
  const at = facts.fields.indexOf(FIELD_INDEX[field])
  if (at >= 0) facts.values[at] = value
  else {
    facts.fields.push(FIELD_INDEX[field])
    facts.values.push(value)
    facts.places.push(0)
  }
}

/** Adds what others say and these do not. */
export function fillFacts(facts: Facts, from: Facts): void {
  for (const [at, field] of from.fields.entries()) {
    const value = from.values[at]
    if (value === undefined || facts.fields.includes(field)) continue
    facts.fields.push(field)
    facts.values.push(value)
    facts.places.push(from.places[at] ?? 0)
  }
  facts.tags ??= from.tags
}

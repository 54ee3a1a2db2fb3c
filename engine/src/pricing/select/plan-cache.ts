import type { Millis } from '../../kernel/index.ts'
import type { CardBook } from '../book/book.ts'
import { type Resolution, resolveModel } from '../book/resolve.ts'
import type { RateCard } from '../records.ts'
import type { Facts } from './condition.ts'
import { layersOf } from './layers.ts'
import { compilePlan, type Plan } from './plan.ts'
import { inWindow, type Window } from './window.ts'

/** What selects a plan, beside the times. */
export interface Route {
  readonly organization: string | null
  readonly seller: string
  readonly model: string
  readonly facts: Facts
}

/** A plan with the way that the model's name led to it. */
export interface RoutedPlan {
  readonly plan: Plan
  readonly resolution: Resolution
}

interface Span {
  readonly validFrom: Millis
  readonly validTo: Millis
  readonly knownFrom: Millis
  readonly knownTo: Millis
  readonly resolution: Resolution
  readonly cards: readonly RateCard[]
  readonly windows: readonly Window[]
  /** One plan per set of daily windows that hold; a single one where there are none. */
  readonly plans: Map<number, RoutedPlan>
}

interface Family {
  readonly route: Route
  readonly spans: Span[]
}

const FAMILIES_MAX = 4_096
const SPANS_MAX = 64
/** Routes of one model are searched one by one; regions and endpoints come from callers and could be many. */
const VARIANTS_MAX = 64
const WINDOWS_MAX = 30
const caches = new WeakMap<CardBook, PlanCache>()
// Nearly every call asks for the book of the call before it.
let lastBook: CardBook | null = null
let lastCache: PlanCache | null = null

/** The plans of a book. They are remembered with it, and forgotten with it. */
export function planCacheOf(book: CardBook): PlanCache {
  if (lastBook === book && lastCache !== null) return lastCache
  const cache = caches.get(book) ?? new PlanCache(book)
  caches.set(book, cache)
  lastBook = book
  lastCache = cache
  return cache
}

/** Compiled plans of one book, each compiled once per route and span of time. Two generations bound it: when the young one is full it becomes the old one, and what is not asked for again is dropped. */
export class PlanCache {
  readonly #book: CardBook
  #young = new Map<string, Family[]>()
  #old = new Map<string, Family[]>()
  #count = 0

  constructor(book: CardBook) {
    this.#book = book
  }

  /** The plan for a route at a usage time, as known at a knowledge time. */
  plan(route: Route, at: Millis, knownAt: Millis): RoutedPlan {
    const family = this.#family(route)
    for (const span of family.spans) {
      if (at >= span.validFrom && at < span.validTo && knownAt >= span.knownFrom && knownAt < span.knownTo)
        return planOfSpan(span, route, at, knownAt)
    }
    if (family.spans.length >= SPANS_MAX) family.spans.length = 0
    const span = spanAround(this.#book, route, at, knownAt)
    family.spans.push(span)
    return planOfSpan(span, route, at, knownAt)
  }

  #family(route: Route): Family {
    const young = this.#young.get(route.model)
    const found = young === undefined ? undefined : find(young, route)
    if (found !== undefined) return found
    const old = this.#old.get(route.model)
    const family = (old === undefined ? undefined : find(old, route)) ?? { route, spans: [] }
    if (this.#count >= FAMILIES_MAX) {
      this.#old = this.#young
      this.#young = new Map()
      this.#count = 0
    }
    this.#count++
    const list = this.#young.get(route.model)
    if (list === undefined || list.length >= VARIANTS_MAX) this.#young.set(route.model, [family])
    else list.push(family)
    return family
  }
}

function find(families: readonly Family[], route: Route): Family | undefined {
  const facts = route.facts
  for (const family of families) {
    const known = family.route
    if (known.seller !== route.seller || known.organization !== route.organization) continue
    const same = known.facts
    if (
      same.tier === facts.tier &&
      same.region === facts.region &&
      same.endpoint === facts.endpoint &&
      same.searchContext === facts.searchContext
    ) {
      return family
    }
  }
  return undefined
}

function planOfSpan(span: Span, route: Route, at: Millis, knownAt: Millis): RoutedPlan {
  let mask = 0
  for (let index = 0; index < span.windows.length; index++) {
    const window = span.windows[index]
    if (window !== undefined && inWindow(window, at)) mask |= 1 << index
  }
  const known = span.plans.get(mask)
  if (known !== undefined) return known
  const plan = compilePlan(layersOf(span.cards, at, knownAt), route.facts, at)
  const routed = { plan, resolution: span.resolution }
  // Past the mask's width windows could not be told apart; such a plan is used once and not kept.
  if (span.windows.length <= WINDOWS_MAX) span.plans.set(mask, routed)
  return routed
}

/** The widest span of usage time and knowledge time around a moment in which the same cards speak. */
function spanAround(book: CardBook, route: Route, at: Millis, knownAt: Millis): Span {
  const resolution = resolveModel(book, route.seller, route.model, at)
  const cards = cardsOf(book, route.organization, resolution)
  const valid = boundsAround(at, [...resolution.turningPoints, ...cards.flatMap((card) => [card.validFrom, card.validTo])])
  const known = boundsAround(
    knownAt,
    cards.flatMap((card) => [card.recordedAt, card.retractedAt]),
  )
  const windows = cards.flatMap((card) =>
    [...card.rates, ...card.modifiers].flatMap((rate) => (rate.when?.window === undefined ? [] : [rate.when.window])),
  )
  return {
    validFrom: valid.from,
    validTo: valid.to,
    knownFrom: known.from,
    knownTo: known.to,
    resolution,
    cards,
    windows: distinct(windows),
    plans: new Map(),
  }
}

/** Cards that may speak for a resolved model: its listing's, the seller's fees for all models, and the organization's own. */
function cardsOf(book: CardBook, organization: string | null, resolution: Resolution): readonly RateCard[] {
  const { bySeller, byOrganization } = book.index
  const cards: RateCard[] = []
  if (resolution.listing !== null) cards.push(...(bySeller.get(resolution.listing.seller)?.get(resolution.listing.model) ?? []))
  for (const seller of new Set([resolution.seller, resolution.listing?.seller ?? resolution.seller])) {
    cards.push(...(bySeller.get(seller)?.get('*') ?? []))
  }
  const own = organization === null ? undefined : byOrganization.get(organization)
  if (own === undefined) return cards
  for (const name of resolution.names) {
    for (const card of own.get(name) ?? []) if (card.seller === '*' || card.seller === resolution.seller) cards.push(card)
  }
  return cards
}

function boundsAround(at: Millis, points: readonly (Millis | null)[]): { from: Millis; to: Millis } {
  let from = Number.NEGATIVE_INFINITY
  let to = Number.POSITIVE_INFINITY
  for (const point of points) {
    if (point === null) continue
    if (point <= at && point > from) from = point
    if (point > at && point < to) to = point
  }
  return { from, to }
}

function distinct(windows: readonly Window[]): readonly Window[] {
  return [...new Map(windows.map((window) => [JSON.stringify(window), window])).values()]
}

import type { Millis, Span } from '../../kernel/index.ts'
import { joined, overlaps } from './coverage.ts'
import type { ReportKind } from './records.ts'

/** A page, as far as its place among others goes. */
export interface PagePlace {
  /** What its results are of; null where every bucket is empty. */
  readonly kind: ReportKind | null
  readonly spans: readonly Span[]
  readonly hasMore: boolean
}

/** Pages follow each other by their buckets: the next one begins where the last bucket of this one ends. */
export function cutPagesOf(pages: readonly PagePlace[]): number {
  const starts = new Set(pages.map(({ kind, spans }) => `${kind} ${spans[0]?.start}`))
  return pages.filter(({ kind, spans, hasMore }) => hasMore && !starts.has(`${kind} ${spans.at(-1)?.end}`)).length
}

/**
 * The kind of each page. A page without results does not say of what it is: it is of the kind of the pages it stands between, else of the only kind
 * there is, unless it speaks of a time that this kind has already spoken of. Then it is of another kind, and says nothing here: null.
 */
export function kindsOf(pages: readonly PagePlace[]): (ReportKind | null)[] {
  const kinds = pages.map(({ kind }) => kind)
  const known = kinds.find((kind) => kind !== null)
  if (known === undefined) return pages.map(() => 'cost')
  const emptyStarting = placesOf(pages, ({ kind, spans }) => (kind === null ? spans[0]?.start : undefined))
  const emptyEnding = placesOf(pages, ({ kind, spans, hasMore }) => (kind === null && hasMore ? spans.at(-1)?.end : undefined))
  const reached = pages.flatMap(({ kind }, index) => (kind === null ? [] : [index]))
  for (let at = reached.shift(); at !== undefined; at = reached.shift()) {
    const page = pages[at]
    const beside = [
      ...(page?.hasMore === true ? taken(emptyStarting, page.spans.at(-1)?.end) : []),
      ...taken(emptyEnding, page?.spans[0]?.start),
    ]
    for (const index of beside) {
      if (kinds[index] !== null) continue
      kinds[index] = kinds[at] ?? null
      reached.push(index)
    }
  }
  const spoken = joined(pages.flatMap(({ spans }, index) => (kinds[index] === known ? spans : [])))
  return pages.map(({ spans }, index) => kinds[index] ?? (spans.some((span) => overlaps(spoken, span)) ? null : known))
}

function placesOf(pages: readonly PagePlace[], timeOf: (page: PagePlace) => Millis | undefined): Map<Millis, number[]> {
  const places = new Map<Millis, number[]>()
  for (const [index, page] of pages.entries()) {
    const time = timeOf(page)
    if (time === undefined) continue
    const known = places.get(time)
    if (known === undefined) places.set(time, [index])
    else known.push(index)
  }
  return places
}

/** The pages at a time, once: whoever reaches them first has them. */
function taken(places: Map<Millis, number[]>, time: Millis | undefined): readonly number[] {
  if (time === undefined) return []
  const found = places.get(time) ?? []
  places.delete(time)
  return found
}

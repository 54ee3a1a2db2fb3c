import { readFileSync } from 'node:fs'
import { assert, parseInstant } from '../../kernel/index.ts'
import { type CardBook, createCardBook } from '../book/book.ts'
import { isRecord, type Unmapped } from '../feeds/feed.ts'
import { readGenaiProviders } from '../feeds/genai-prices.ts'
import { readVendorCards } from './vendor-cards.ts'

/** The catalog that ships with the program: the texts of its two files. */
export interface CatalogFiles {
  readonly genaiPrices: string
  readonly vendorCards: string
}

export interface Catalog {
  readonly book: CardBook
  /** Price-like fields of the table that no meter takes. */
  readonly unmapped: readonly Unmapped[]
}

/** Builds the catalog. Pure; the files are part of the program, so a mistake in them is a bug. */
export function buildCatalog(files: CatalogFiles): Catalog {
  const head: unknown = JSON.parse(files.genaiPrices)
  assert(isRecord(head) && typeof head.source === 'string' && typeof head.publishedAt === 'string', 'the bundled table names its source')
  const checkedAt = parseInstant(head.publishedAt)
  assert(checkedAt !== null, 'the bundled table names its day')
  const table = readGenaiProviders(head, { ref: head.source, licence: 'MIT', checkedAt, recordedAt: 'baseline' })
  assert(table.ok, 'the bundled table can be read')
  const vendor = readVendorCards(files.vendorCards)
  const book = createCardBook({ cards: [...table.value.cards, ...vendor.cards], aliases: [...table.value.aliases, ...vendor.aliases] })
  return { book, unmapped: table.value.unmapped }
}

/** Reads the catalog's files from beside the program (`engine/catalog`). */
export function bundledCatalogFiles(): CatalogFiles {
  const read = (name: string) => readFileSync(new URL(`../../../catalog/${name}`, import.meta.url), 'utf8')
  return { genaiPrices: read('genai-prices.json'), vendorCards: read('vendor-cards.json') }
}

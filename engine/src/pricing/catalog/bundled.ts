import { readFileSync } from 'node:fs'
import { type CardBook, createCardBook } from '../book/book.ts'
import type { Unmapped } from '../feeds/feed.ts'
import { cardsOfTable, type TableCards } from './table-cards.ts'
import { readVendorCards } from './vendor-cards.ts'

/** The catalog that ships with the program: the texts of its two files. */
export interface CatalogFiles {
  readonly genaiCards: string
  readonly vendorCards: string
}

export interface Catalog {
  readonly book: CardBook
  /** Price-like fields of the table that no meter takes. */
  readonly unmapped: readonly Unmapped[]
}

/** Builds the catalog. Pure; the files are part of the program, so a mistake in them is a bug. */
export function buildCatalog(files: CatalogFiles): Catalog {
  const stored: TableCards = JSON.parse(files.genaiCards)
  const table = cardsOfTable(stored)
  const vendor = readVendorCards(files.vendorCards)
  const book = createCardBook({ cards: [...table.cards, ...vendor.cards], aliases: [...table.aliases, ...vendor.aliases] })
  return { book, unmapped: stored.unmapped }
}

/** Reads the catalog's files from beside the program (`engine/catalog`). */
export function bundledCatalogFiles(): CatalogFiles {
  const read = (name: string) => readFileSync(new URL(`../../../catalog/${name}`, import.meta.url), 'utf8')
  return { genaiCards: read('genai-cards.json'), vendorCards: read('vendor-cards.json') }
}

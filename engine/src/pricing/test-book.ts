import type { CardBook } from './book/book.ts'
import { buildCatalog, bundledCatalogFiles } from './catalog/bundled.ts'

let book: CardBook | null = null

/** The bundled catalog, built once for all tests of a file. */
export function testBook(): CardBook {
  book ??= buildCatalog(bundledCatalogFiles()).book
  return book
}

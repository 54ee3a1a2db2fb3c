import type { DiscountStore, Discounts } from '../../pricing/index.ts'
import { appendAudits } from './audit-store.ts'
import type { Pool } from './connect/pool.ts'
import type { Reads } from './connect/reads.ts'
import { textIn } from './rows/row-kinds.ts'
import { storedText } from './rows/stored-text.ts'

/** Volume discounts on PostgreSQL, with the entry that says who declared them in one transaction. */
export function postgresDiscountStore(books: Pool, reads: Reads): DiscountStore {
  return {
    putDiscounts: (discounts, change) =>
      books.transaction(async (ask) => {
        await appendAudits(ask, [change])
        await ask(PUT, [storedText(discounts.organization), JSON.stringify(discounts)])
      }),
    discounts: async (organization) => {
      const [row] = await reads(organization, 'SELECT body FROM discounts')
      return row === undefined ? null : (JSON.parse(textIn(row, 'body')) as Discounts)
    },
  }
}

const PUT = 'INSERT INTO discounts VALUES ($1::text, $2::text) ON CONFLICT (organization) DO UPDATE SET body = excluded.body'

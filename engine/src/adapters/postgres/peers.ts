import type { Sql } from 'postgres'
import type { PeerNews, Peers } from '../../ledger/index.ts'
import type { Ask } from './connect/pool.ts'
import { NEWS_CHANNEL } from './transaction/write.ts'

/** What other nodes of the database have done. A notification says that there is something; the tables say what. */
export function postgresPeers(ask: Ask, listening: Sql): Peers {
  return {
    news: async (): Promise<PeerNews> => {
      const [row] = await ask('SELECT seq, keys_version, rates_version, documents_version FROM ledger_head CROSS JOIN rules')
      return {
        head: Number(row?.seq ?? 0),
        keysVersion: row?.keys_version ?? '',
        ratesVersion: row?.rates_version ?? '',
        documentsVersion: row?.documents_version ?? '',
      }
    },
    listen: async (onNews) => {
      // Once it listens, and again after a lost connection: something may have come while nobody did.
      await listening.listen(NEWS_CHANNEL, onNews, onNews)
    },
  }
}

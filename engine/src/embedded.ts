import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { openDuckdbCallStore } from './adapters/duckdb/thread/call-store.ts'
import type { StartedThread } from './adapters/duckdb/thread/start-thread.ts'
import { ledgerPath } from './adapters/sqlite/index.ts'
import { type AssembleOptions, assemble } from './assemble.ts'
import type { Config } from './config.ts'
import { createInvoke, createRateInvoke, openRateDesk } from './operations/index.ts'
import { buildCatalog, bundledCatalogFiles } from './pricing/index.ts'
import type { Connection } from './surfaces/cli/index.ts'

/** The columnar store lives beside the ledger, in a thread of its own that follows the journal: one that was started before, or a new one. */
export function callsBeside(started: StartedThread | null): AssembleOptions['openCalls'] {
  return (stores, folder) =>
    openDuckdbCallStore({
      path: join(folder, 'calls.duckdb'),
      journal: stores.journal,
      started,
      onRebuilt: (reason) => process.stderr.write(`purser: the analytics store is made anew from the journal (${reason})\n`),
    })
}

/** The engine in this process, over the data folder that no server has open. For rates alone nothing is made where nothing is. */
export async function openEmbedded(config: Config, need: 'rates' | 'stores', version: string): Promise<Connection> {
  if (need === 'rates' && config.databaseUrl === null && !existsSync(ledgerPath(config.data))) {
    const rates = await openRateDesk(buildCatalog(bundledCatalogFiles()).book, null)
    return { invoke: createRateInvoke({ now: Date.now, rates }), where: 'the bundled catalog', close: async () => undefined }
  }
  const { data, databaseUrl, auth, smtp, gateway } = config
  const engine = await assemble({ data, databaseUrl, version, auth, smtp, upstreams: gateway.upstreams, openCalls: callsBeside(null) })
  return { invoke: createInvoke(engine.services), where: engine.ledgerIn, close: () => engine.close() }
}

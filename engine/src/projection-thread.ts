import { once } from 'node:events'
import { parentPort } from 'node:worker_threads'
import { openProjection, serveCallStore, type ThreadData } from './adapters/duckdb/index.ts'
import { assert } from './kernel/index.ts'
import { openJournal } from './stores.ts'

/**
 * The composition root of the projection thread: the only place that opens the journal for following and the DuckDB file at all.
 * Started by `openDuckdbCallStore`.
 */
assert(parentPort !== null, 'the projection runs in a thread of its own')
const [data] = (await once(parentPort, 'message')) as [ThreadData]
const { store, rebuilt } = await openProjection(data.projection, await openJournal(data.journal))
serveCallStore(parentPort, store, rebuilt)

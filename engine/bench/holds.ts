import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ServerProcess, startServer } from '../process/server-process.ts'
import { benchHeldHttp } from './holds-http.ts'
import { bulkPerSecond } from './holds-raw.ts'
import { benchHeld, CALLERS, HOT, type Place } from './holds-run.ts'
import type { Measurement, Section } from './section.ts'

const PAIRS = 20_000
const NAIVE_PAIRS = 2_000
const ROUNDS = 3

/** Authorizing and settling calls beside what the same rows cost the store, in process and through HTTP. */
export async function benchHolds(): Promise<Section> {
  const measurements = [...(await benchHeld({ newPlace, pairs: PAIRS, naivePairs: NAIVE_PAIRS, rounds: ROUNDS })), ...(await overHttp())]
  return {
    title: 'Holds',
    method: `${PAIRS.toLocaleString('en-US')} calls, for each the worst case held in a wallet and four budgets and then the call posted, through the operations that every door uses, by ${CALLERS} concurrent callers in process; medians of ${ROUNDS} rounds. Beside it the rows that this left, written again into a new file by prepared statements: journal, ids, holds, counters and accounts, one transaction and fsync per batch, nothing decided. Through HTTP: ${ROUNDS} rounds taken in turn.`,
    measurements,
  }
}

async function newPlace(): Promise<Place> {
  const data = mkdtempSync(join(tmpdir(), 'purser-bench-'))
  return {
    data,
    databaseUrl: null,
    bulk: (batches, calls) => bulkPerSecond(join(data, 'ledger.sqlite'), join(data, 'bulk.sqlite'), batches, calls),
    remove: async () => rmSync(data, { recursive: true }),
  }
}

async function overHttp(): Promise<Measurement[]> {
  const folder = mkdtempSync(join(tmpdir(), 'purser-bench-'))
  const server: ServerProcess = await startServer(join(folder, 'data'))
  try {
    for (const budget of HOT) {
      const body = JSON.stringify({ ...budget, limit_usd: '1000000' })
      const set = await fetch(`${server.url}/v1/finops/budgets`, { method: 'PUT', body, headers: { 'content-type': 'application/json' } })
      if (!set.ok) throw new Error(await set.text())
    }
    return await benchHeldHttp(server, ROUNDS)
  } finally {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

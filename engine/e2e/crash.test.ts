import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { openSqlite } from '../src/adapters/sqlite/index.ts'
import { accountDifferences, emptyTally, type LedgerStore, tally, unbalanced } from '../src/ledger/index.ts'

const ROUNDS = 10

it('kill -9 under load loses no acknowledged call, doubles none, and the books agree', { timeout: 180_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'purser-crash-'))
  const acknowledged: string[] = []
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const acks = await writeUntilKilled(folder, round, 20 + ((round * 397) % 900))
      acknowledged.push(...acks)
      const stores = openSqlite({ folder })
      await checkLedger(stores.ledger, acknowledged)
      await stores.close()
    }
    expect(acknowledged.length).toBeGreaterThan(ROUNDS * 20)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

/** Starts a writer, kills it once it has acknowledged so many calls, and gives back all that it did acknowledge. */
function writeUntilKilled(folder: string, round: number, acksMin: number): Promise<string[]> {
  const writer = spawn(
    process.execPath,
    ['--import', 'tsx', '--conditions=@purser/source', fileURLToPath(new URL('crash-writer.ts', import.meta.url)), folder, String(round)],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let text = ''
  let faults = ''
  writer.stdout.on('data', (chunk) => {
    text += chunk
    if (text.split('\n').length > acksMin) writer.kill('SIGKILL')
  })
  writer.stderr.on('data', (chunk) => {
    faults += chunk
  })
  return new Promise((resolve, reject) => {
    writer.once('close', (_, signal) => {
      if (signal !== 'SIGKILL') reject(new Error(`the writer ended by itself: ${faults}`))
      // The last line may have been cut off by the kill.
      else resolve(text.split('\n').slice(0, -1))
    })
  })
}

async function checkLedger(store: LedgerStore, acknowledged: readonly string[]): Promise<void> {
  const seen = new Map<string, number>()
  const of = emptyTally()
  for (;;) {
    const entries = await store.read(of.head, 1000)
    if (entries.length === 0) break
    tally(of, entries)
    for (const { event } of entries) if (event.kind === 'call') seen.set(event.call.id, (seen.get(event.call.id) ?? 0) + 1)
  }
  expect(of.head).toBe(await store.head())
  expect(acknowledged.filter((id) => seen.get(id) !== 1)).toEqual([])
  expect([...seen].filter(([, times]) => times !== 1)).toEqual([])
  expect(accountDifferences(of, await store.accounts(null))).toEqual([])
  expect(unbalanced(await store.accounts(null))).toEqual([])
  const [id] = acknowledged.slice(-1)
  if (id !== undefined) expect(await store.findCall(null, id)).not.toBeNull()
}

import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { memoryJournal } from '../../../../conformance/calls/memory-journal.ts'
import { randomJournal } from '../../../../conformance/calls/random-journal.ts'
import type { OrganizationScope } from '../../calls/index.ts'
import type { JournalEntry } from '../../ledger/index.ts'
import { openProjection } from './projection.ts'

const EVERYONE: OrganizationScope = { allOrganizations: true }
const journal = randomJournal({ seed: 61, entries: 60 })
let folder: string
let path: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'purser-duckdb-'))
  path = join(folder, 'calls.duckdb')
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Opens, waits for the whole journal, closes; tells the sums and why the file was dropped. */
async function visit(entries: readonly JournalEntry[] = journal) {
  const { store, rebuilt } = await openProjection({ path, waitMs: 60_000 }, memoryJournal(entries))
  await store.rows({ scope: EVERYONE, atLeast: entries.length, limit: 1 })
  const sums = await store.sums()
  await store.close()
  return { rebuilt, sums }
}

describe('the file of the projection', () => {
  it('takes in its log when nothing more comes, so that a start after a kill has little to read again', async () => {
    const many = randomJournal({ seed: 62, entries: 2_500 })
    const logBytes = () => statSync(`${path}.wal`, { throwIfNoEntry: false })?.size ?? 0
    const { store } = await openProjection({ path, waitMs: 60_000 }, memoryJournal(many))
    await store.rows({ scope: EVERYONE, atLeast: many.length, limit: 1 })
    expect(logBytes()).toBeGreaterThan(100_000)
    await expect.poll(logBytes, { timeout: 30_000, interval: 100 }).toBeLessThan(10_000)
    await store.close()
  }, 60_000)

  it('is gone on with where it ended: entries that are in are not read again', async () => {
    const first = await visit()
    const { read, ...journalSource } = memoryJournal(journal)
    const asked: number[] = []
    const tell = (after: number, limit: number) => {
      asked.push(after)
      return read(after, limit)
    }
    const counting = { ...journalSource, read: tell }
    const { store } = await openProjection({ path }, counting)
    await store.close()
    // Only the last entry, to see that it is the same journal.
    expect(asked).toEqual([journal.length - 1])
    const again = await visit()
    expect(again).toEqual({ rebuilt: null, sums: first.sums })
  })

  it.each([
    ['garbage', () => writeFileSync(path, 'this is not a database, though it is long enough to be looked at'.repeat(500))],
    ['an empty file of another program', () => writeFileSync(path, Buffer.alloc(20_000))],
    ['cut off in the middle', () => truncateSync(path, Math.floor(readFileSync(path).length / 2))],
    [
      'overwritten in the middle',
      () => {
        const bytes = readFileSync(path)
        bytes.fill(0xa5, 4_096, bytes.length)
        writeFileSync(path, bytes)
      },
    ],
  ])('is made again from the journal when it is %s', async (_, damage) => {
    const first = await visit()
    damage()
    const again = await visit()
    expect(again.rebuilt).toMatch(/./)
    expect(again.sums).toEqual(first.sums)
    expect((await visit()).rebuilt).toBe(null)
  })

  it('is made again when an older or newer program wrote it, or another one altogether', async () => {
    const first = await visit()
    for (const change of [
      'UPDATE store.state SET schema_version = 0',
      'UPDATE store.state SET schema_version = 999',
      'DROP TABLE store.state',
    ]) {
      const instance = await DuckDBInstance.create(path)
      const connection = await instance.connect()
      await connection.run(change)
      connection.closeSync()
      instance.closeSync()
      const again = await visit()
      expect(again.rebuilt).toContain('version')
      expect(again.sums).toEqual(first.sums)
    }
  })

  it('is made again when it comes from another journal, longer or of the same length', async () => {
    await visit()
    for (const other of [randomJournal({ seed: 62, entries: 20 }), randomJournal({ seed: 63, entries: 60 }).map(later)]) {
      const again = await visit(other)
      expect(again.sums.calls).toBe(other.filter((entry) => entry.event.kind === 'call').length)
    }
  })

  it('is left alone when it cannot be opened because another process has it', async () => {
    const first = await visit()
    const { execFile } = await import('node:child_process')
    const holder = execFile(process.execPath, ['--input-type=module', '-e', HOLD, path])
    await new Promise((resolve) => holder.stdout?.once('data', resolve))
    await expect(openProjection({ path }, memoryJournal(journal))).rejects.toThrow(/lock/i)
    const ended = new Promise((resolve) => holder.once('exit', resolve))
    holder.kill()
    await ended
    expect(await visit()).toEqual({ rebuilt: null, sums: first.sums })
  })
})

const HOLD = `
  import { DuckDBInstance } from '${import.meta.resolve('@duckdb/node-api')}'
  const instance = await DuckDBInstance.create(process.argv[1])
  await instance.connect()
  console.log('open')
  setInterval(() => instance, 1000)
`

function later(entry: JournalEntry): JournalEntry {
  return { ...entry, recordedAt: entry.recordedAt + 1 }
}

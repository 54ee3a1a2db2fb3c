import Database from 'better-sqlite3'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { migrate } from '../migrate.ts'
import { PostedIds } from './posted-ids.ts'

const SECRET = [1, 2] as const
const KEYS_AT_ONCE = 3

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('post' as const), key: fc.integer({ min: -12, max: 12 }) }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'start' as const }) },
  { weight: 5, arbitrary: fc.constant({ kind: 'slice' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'slice rolled back' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'crash' as const }) },
)

describe('ids that are folded in slices', () => {
  it('are found at every moment, also after slices that were rolled back and foldings that a crash cut off', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const database = new Database(':memory:')
        migrate(database)
        let ids = new PostedIds(database, SECRET)
        const journal: number[] = []
        for (const { kind, ...of } of steps) {
          if (kind === 'post' && 'key' in of) ids.remember(of.key, journal.push(of.key))
          if (kind === 'start' && !ids.isFolding) ids.startFolding(journal.length)
          if (kind === 'slice' && ids.isFolding) {
            database.transaction(() => ids.foldSome(KEYS_AT_ONCE))()
            ids.foldedSome(KEYS_AT_ONCE)
          }
          if (kind === 'slice rolled back' && ids.isFolding) {
            database.exec('BEGIN')
            ids.foldSome(KEYS_AT_ONCE)
            database.exec('ROLLBACK')
          }
          if (kind === 'crash') {
            ids = new PostedIds(database, SECRET)
            for (const [at, key] of journal.entries()) if (at + 1 > ids.foldedThrough) ids.remember(key, at + 1)
          }
          const wanted = [-12, -7, -1, 0, 3, 12]
          const found = ids.find(wanted)
          for (const key of wanted) {
            const expected = journal.flatMap((posted, at) => (posted === key ? [at + 1] : []))
            expect([...new Set(found.get(key) ?? [])].sort((a, b) => a - b)).toEqual(expected)
          }
        }
        database.close()
      }),
      { numRuns: 150 },
    )
  })

  it('says how far the table goes only when the last slice is in it', () => {
    const database = new Database(':memory:')
    migrate(database)
    const ids = new PostedIds(database, SECRET)
    for (let seq = 1; seq <= 7; seq++) ids.remember(seq % 2 === 0 ? seq : -seq, seq)
    ids.startFolding(7)
    for (const through of [0, 0, 7]) {
      ids.foldSome(KEYS_AT_ONCE)
      ids.foldedSome(KEYS_AT_ONCE)
      expect(ids.foldedThrough).toBe(through)
      expect(new PostedIds(database, SECRET).foldedThrough).toBe(through)
    }
    expect(ids.isFolding).toBe(false)
    database.close()
  })
})

import { cpSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { newDatabase } from '../../../conformance/postgres/database.ts'
import { openPostgres } from '../../src/adapters/postgres/index.ts'
import { openSqlite } from '../../src/adapters/sqlite/index.ts'
import { assert } from '../../src/kernel/index.ts'
import type { LedgerStore } from '../../src/ledger/index.ts'
import type { Dice } from '../dice.ts'

/** Where the ledger of the simulated program is kept, through all its lives. */
export interface LedgerPlace {
  /** The stores of one life, of one node at first. */
  open(): Promise<PlaceOpened>
  remove(): Promise<void>
}

export interface PlaceOpened {
  readonly ledger: LedgerStore
  /** Those of so many nodes more: the same one again where only one process may write. */
  others(nodes: number): Promise<readonly LedgerStore[]>
  /** Keeps what a killed process leaves behind, as it is at this moment, for the next life. */
  readonly die: () => void
  close(): Promise<void>
}

/** SQLite in a folder of its own for each life. The nodes are committers before one store. */
export function sqlitePlace(root: string, dice: Dice): LedgerPlace {
  let life = 0
  return {
    open: async () => {
      const folder = join(root, String(life))
      const stores = openSqlite({ folder, randomBytes: (count) => dice.bytes(count) })
      let died = false
      return {
        ledger: stores.ledger,
        others: async (nodes) => Array.from({ length: nodes }, () => stores.ledger),
        die: () => {
          died = true
          life += 1
          keepFiles(folder, join(root, String(life)))
        },
        close: async () => {
          await stores.close()
          if (died) rmSync(folder, { recursive: true })
        },
      }
    },
    remove: async () => undefined,
  }
}

/** The database and its log, and not the lock, which dies with its process. */
function keepFiles(from: string, to: string): void {
  mkdirSync(to, { recursive: true })
  for (const name of ['ledger.sqlite', 'ledger.sqlite-wal']) cpSync(join(from, name), join(to, name))
}

/** A database on a PostgreSQL server, each node with connections and a memory of its own. What a dead node had not committed, the server rolls back. */
export async function postgresPlace(serverUrl: string): Promise<LedgerPlace> {
  const database = await newDatabase(serverUrl)
  return {
    open: async () => {
      const stores = [await openPostgres(database)]
      const [first] = stores
      assert(first !== undefined, 'the first node is there')
      return {
        ledger: first.ledger,
        others: async (nodes) => {
          const others = await Promise.all(Array.from({ length: nodes }, () => openPostgres(database)))
          stores.push(...others)
          return others.map(({ ledger }) => ledger)
        },
        die: () => undefined,
        close: async () => {
          await Promise.all(stores.map((store) => store.close()))
        },
      }
    },
    remove: () => database.drop(),
  }
}

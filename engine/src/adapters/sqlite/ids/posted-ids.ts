import type { Database } from 'better-sqlite3'
import { assert } from '../../../kernel/index.ts'
import type { RecordEvent } from '../../../ledger/index.ts'
import { type HashSecret, idKey } from './id-key.ts'

/**
 * Where an id was posted. Random keys written one by one dirty a page of the index each, which is what a commit would then wait for. So the
 * ids of the last entries are kept in memory (they are in the journal, which is durable) and are FOLDED into the table now and then,
 * sorted: ids in order of time go to segment 0, always at its end; scattered ones go to the newest segment, which stays small. A folding is
 * written in slices, since whoever posts waits for each; cut off, it is done again, and what it wrote is in the table already.
 */
export class PostedIds {
  readonly #secret: HashSecret
  readonly #statements: Statements
  #recent: Seqs = new Map()
  #folding: Folding | null = null
  #foldedThrough: number
  #orderedMax: number

  constructor(database: Database, secret: HashSecret) {
    this.#secret = secret
    this.#statements = prepare(database)
    this.#foldedThrough = Number(this.#statements.foldedThrough.get() ?? 0)
    this.#orderedMax = this.#statements.orderedMax.get() ?? -1
  }

  get isFolding(): boolean {
    return this.#folding !== null
  }

  get foldedThrough(): number {
    return this.#foldedThrough
  }

  keyOf(kind: RecordEvent['kind'], id: string): number {
    return idKey(this.#secret, kind, id)
  }

  /** Remembers committed entries: call it after the commit, never before. */
  remember(key: number, seq: number): void {
    const known = this.#recent.get(key)
    if (known === undefined) this.#recent.set(key, seq)
    else if (typeof known === 'number') this.#recent.set(key, [known, seq])
    else known.push(seq)
  }

  /** Seqs that may hold an id with one of these keys, by key. The reader of an entry compares the id itself. */
  find(keys: readonly number[]): Map<number, number[]> {
    const found = new Map<number, number[]>()
    const ordered: number[] = []
    const scattered: number[] = []
    for (const key of keys) {
      for (const remembered of [this.#folding?.seqs.get(key), this.#recent.get(key)]) {
        if (remembered !== undefined) found.set(key, [...(found.get(key) ?? []), ...listOf(remembered)])
      }
      if (key < 0) scattered.push(key)
      else if (key <= this.#orderedMax) ordered.push(key)
    }
    if (ordered.length > 0) collect(found, this.#statements.findOrdered.all(inOrder(ordered)))
    if (scattered.length > 0) collect(found, this.#statements.findScattered.all(inOrder(scattered)))
    return found
  }

  /** Takes up all ids remembered so far, which are those of entries up to `head`. */
  startFolding(head: number): void {
    const keys = Float64Array.from(this.#recent.keys()).sort()
    const ordered = keys.findIndex((key) => key >= 0)
    this.#folding = { head, seqs: this.#recent, keys, scattered: ordered === -1 ? keys.length : ordered, written: 0, segment: null }
    this.#recent = new Map()
  }

  /** Writes the next ids of the folding, at most so many, inside the caller's transaction. `foldedSome` follows its commit. */
  foldSome(keysMax: number): void {
    const folding = this.#folding
    assert(folding !== null, 'a folding was started')
    const { keys, scattered, written, head } = folding
    const to = Math.min(keys.length, written + keysMax)
    folding.segment ??= this.#segmentFor(scattered)
    if (written === 0 && scattered > 0) this.#statements.grow.run(folding.segment, scattered)
    this.#insert(folding.segment, keys.subarray(written, Math.min(to, scattered)), folding.seqs)
    this.#insert(ORDERED_SEGMENT, keys.subarray(Math.max(written, scattered), to), folding.seqs)
    if (to === keys.length) this.#statements.setFoldedThrough.run(String(head))
  }

  foldedSome(keysMax: number): void {
    const folding = this.#folding
    assert(folding !== null, 'a folding was started')
    folding.written += keysMax
    if (folding.written < folding.keys.length) return
    this.#orderedMax = Math.max(this.#orderedMax, folding.keys.at(-1) ?? -1)
    this.#foldedThrough = folding.head
    this.#folding = null
  }

  #segmentFor(scattered: number): number {
    const newest = this.#statements.newestSegment.get() ?? { segment: FIRST_SCATTERED_SEGMENT, keys: 0 }
    return newest.keys + scattered > SEGMENT_KEYS_MAX ? newest.segment + 1 : newest.segment
  }

  /** In the order of the keys, so that each page of the tree is written once. */
  #insert(segment: number, keys: Float64Array, seqsOf: Seqs): void {
    let values: number[] = []
    for (const key of keys) {
      for (const seq of listOf(seqsOf.get(key) ?? [])) values.push(segment, key, seq)
      if (values.length < KEYS_AT_ONCE * 3) continue
      this.#statements.insertMany.run(values.slice(0, KEYS_AT_ONCE * 3))
      values = values.slice(KEYS_AT_ONCE * 3)
    }
    for (let at = 0; at < values.length; at += 3) this.#statements.insert.run(values.slice(at, at + 3))
  }
}

/** Seqs by key; nearly every key has one. */
type Seqs = Map<number, number | number[]>

interface Folding {
  /** The newest entry whose id is in it. */
  readonly head: number
  readonly seqs: Seqs
  /** Sorted: the scattered ones first. */
  readonly keys: Float64Array
  readonly scattered: number
  /** Keys that are in the table. */
  written: number
  /** Of the scattered keys; null until it is begun. */
  segment: number | null
}

function listOf(seqs: number | readonly number[]): readonly number[] {
  return typeof seqs === 'number' ? [seqs] : seqs
}

/** Rows of one statement: half the time of one by one. */
const KEYS_AT_ONCE = 64
const ORDERED_SEGMENT = 0
const FIRST_SCATTERED_SEGMENT = 1
/** At 13 bytes a key this is a tree of some 25 MB, which the page cache holds while it is written to. */
const SEGMENT_KEYS_MAX = 1_000_000

interface KeyRow {
  readonly key: number
  readonly seq: number
}

/** Sorted: neighbours in the tree are then found on one page, which takes a third less time. */
function inOrder(keys: number[]): string {
  return JSON.stringify(keys.sort((a, b) => a - b))
}

function collect(found: Map<number, number[]>, rows: readonly KeyRow[]): void {
  for (const { key, seq } of rows) {
    const seqs = found.get(key)
    if (seqs === undefined) found.set(key, [seq])
    else seqs.push(seq)
  }
}

type Statements = ReturnType<typeof prepare>

function prepare(database: Database) {
  return {
    foldedThrough: database.prepare<[], string>(`SELECT value FROM meta WHERE name = 'ids_folded_through'`).pluck(),
    setFoldedThrough: database.prepare<[string]>(
      `INSERT INTO meta (name, value) VALUES ('ids_folded_through', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
    ),
    orderedMax: database.prepare<[], number | null>('SELECT max(key) FROM posted_ids WHERE segment = 0').pluck(),
    newestSegment: database.prepare<[], { segment: number; keys: number }>(
      'SELECT segment, keys FROM posted_segments ORDER BY segment DESC LIMIT 1',
    ),
    grow: database.prepare<[number, number]>(
      'INSERT INTO posted_segments (segment, keys) VALUES (?, ?) ON CONFLICT (segment) DO UPDATE SET keys = keys + excluded.keys',
    ),
    insert: database.prepare<[number[]]>('INSERT OR IGNORE INTO posted_ids (segment, key, seq) VALUES (?, ?, ?)'),
    insertMany: database.prepare<[number[]]>(
      `INSERT OR IGNORE INTO posted_ids (segment, key, seq) VALUES ${Array.from({ length: KEYS_AT_ONCE }, () => '(?, ?, ?)').join(', ')}`,
    ),
    findOrdered: database.prepare<[string], KeyRow>(
      `SELECT posted_ids.key, posted_ids.seq FROM json_each(?) AS wanted
       CROSS JOIN posted_ids ON posted_ids.segment = 0 AND posted_ids.key = wanted.value`,
    ),
    findScattered: database.prepare<[string], KeyRow>(
      `SELECT posted_ids.key, posted_ids.seq FROM json_each(?) AS wanted CROSS JOIN posted_segments
       CROSS JOIN posted_ids ON posted_ids.segment = posted_segments.segment AND posted_ids.key = wanted.value`,
    ),
  }
}

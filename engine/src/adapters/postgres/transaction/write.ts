import { assert } from '../../../kernel/index.ts'
import {
  type CallTimes,
  type Changes,
  type Concerned,
  concernedBy,
  encodeEntry,
  idOfEvent,
  type JournalEntry,
  withTimesOf,
} from '../../../ledger/index.ts'
import type { Ask } from '../connect/pool.ts'
import type { LedgerTable } from '../rows/row-table.ts'
import { bodyArray, numberArray, storedText, textArray } from '../rows/stored-text.ts'

/** Entries of one span of the journal. The spans of a journal are cut so for good. */
export const SPAN_ENTRIES = 1024

/** The channel on which nodes hear that the ledger has grown. */
export const NEWS_CHANNEL = 'purser_news'

/** Sends every statement that writes a batch, without waiting between them. All of them must succeed for the batch to be committed. */
export function writeChanges(
  changes: Changes,
  head: number,
  ask: Ask,
  tables: readonly LedgerTable[],
  newOrganizations: readonly string[],
): Promise<unknown>[] {
  const { entries } = changes
  const writes: Promise<unknown>[] = []
  if (newOrganizations.length > 0) writes.push(ask(INSERT_ORGANIZATIONS, [textArray(newOrganizations.map(storedText))]))
  if (entries.length > 0) writes.push(ask(INSERT_ENTRIES, entryValues(entries, head)))
  const concerned = concernedRows(entries)
  if (concerned.length > 0) {
    writes.push(
      ask(INSERT_WALLET_ENTRIES, [
        textArray(concerned.map(({ entry }) => storedText(entry.organization))),
        textArray(concerned.map(({ agent }) => storedText(agent))),
        numberArray(concerned.map(({ entry }) => entry.seq)),
        numberArray(concerned.map(({ at }) => at)),
      ]),
    )
  }
  const spans = spansOf(entries)
  if (spans.length > 0) writes.push(ask(PUT_SPANS, spans))
  for (const table of tables) writes.push(...table.write(changes, ask))
  writes.push(
    ask(MOVE_HEAD, [String(head), String(head + entries.length)]).then((moved) => {
      assert(moved.length === 1, 'the head is where it was when it was locked')
    }),
  )
  return writes
}

const INSERT_ORGANIZATIONS = 'INSERT INTO organizations SELECT * FROM unnest($1::text[]) ON CONFLICT DO NOTHING'
const INSERT_ENTRIES = `INSERT INTO journal (organization, kind, id, recorded_at, adjusts, body, seq)
  SELECT organization, kind, id, recorded_at, adjusts, body, $7::bigint + place
  FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[])
  WITH ORDINALITY AS entry (organization, kind, id, recorded_at, adjusts, body, place)`
const INSERT_WALLET_ENTRIES = 'INSERT INTO wallet_entries SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[])'
const PUT_SPANS = `INSERT INTO journal_spans SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[])
  ON CONFLICT (span) DO UPDATE SET earliest = least(journal_spans.earliest, excluded.earliest), latest = greatest(journal_spans.latest, excluded.latest)`
/** Who listens is told with the commit, and not without it. */
const MOVE_HEAD = `WITH moved AS (UPDATE ledger_head SET seq = $2::bigint, version = version + 1 WHERE seq = $1::bigint RETURNING seq)
  SELECT pg_notify('${NEWS_CHANNEL}', seq::text)::text FROM moved`

function entryValues(entries: readonly JournalEntry[], head: number): string[] {
  const [organizations, kinds, ids, times, adjusts, bodies]: [string[], string[], string[], number[], (string | null)[], string[]] = [
    [],
    [],
    [],
    [],
    [],
    [],
  ]
  for (const entry of entries) {
    assert(entry.seq === head + organizations.length + 1, 'the journal has no gaps')
    organizations.push(storedText(entry.organization))
    kinds.push(entry.event.kind)
    ids.push(storedText(idOfEvent(entry.event)))
    times.push(entry.recordedAt)
    adjusts.push(entry.event.kind === 'adjustment' ? storedText(entry.event.adjustment.call) : null)
    bodies.push(encodeEntry(entry))
  }
  return [
    textArray(organizations),
    textArray(kinds),
    textArray(ids),
    numberArray(times),
    textArray(adjusts),
    bodyArray(bodies),
    String(head),
  ]
}

function concernedRows(entries: readonly JournalEntry[]): (Concerned & { readonly entry: JournalEntry })[] {
  return entries.flatMap((entry) => concernedBy(entry).map((concerned) => ({ ...concerned, entry })))
}

/** Of each span that calls fall into, its number and the earliest and latest of the times at which they happened and count. */
function spansOf(entries: readonly JournalEntry[]): string[] {
  const spans = new Map<number, CallTimes>()
  for (const entry of entries) {
    const number = spanOf(entry.seq)
    const before = spans.get(number) ?? null
    const times = withTimesOf(before, entry)
    if (times !== null && times !== before) spans.set(number, times)
  }
  if (spans.size === 0) return []
  const times = [...spans.values()]
  return [
    numberArray([...spans.keys()]),
    numberArray(times.map(({ earliest }) => earliest)),
    numberArray(times.map(({ latest }) => latest)),
  ]
}

/** The span that an entry is in. */
function spanOf(seq: number): number {
  return Math.floor((seq - 1) / SPAN_ENTRIES)
}

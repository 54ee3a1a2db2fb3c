import {
  type BreakerKey,
  type BreakerRow,
  decodeEntry,
  eventKey,
  type HoldState,
  idOfEvent,
  type JournalEntry,
  type RecordEvent,
  rowKey,
  type Touched,
} from '../../../ledger/index.ts'
import type { Ask, Row } from '../connect/pool.ts'
import { type Identified, nameIn, textIn } from '../rows/row-kinds.ts'
import type { LedgerTable, RowTable } from '../rows/row-table.ts'
import { storedText, textArray } from '../rows/stored-text.ts'
import type { LoadedRows } from './loaded-rows.ts'

/** The tables that are loaded by key, and those of which rows are wanted by organization or by time, too. */
export interface Tables {
  readonly all: readonly LedgerTable[]
  readonly holds: RowTable<HoldState, Identified>
  readonly breakerRows: RowTable<BreakerRow, BreakerKey>
}

/** Sends a question for each kind of row that is touched, all at once: one round trip. Resolves when the rows are there. */
export async function loadRows(into: LoadedRows, touched: Touched, ask: Ask, tables: Tables, trusted: boolean): Promise<void> {
  const loads: (Promise<void> | null)[] = [loadPosted(into, touched, ask), loadAdjustments(into, touched, ask)]
  for (const table of tables.all) loads.push(table.load(into, touched, ask, trusted))
  if (touched.holdsOf.length > 0) {
    const organizations = textArray(touched.holdsOf.map(storedText))
    loads.push(
      ask(`${tables.holds.select} WHERE organization = ANY ($1::text[])`, [organizations]).then((rows) => tables.holds.add(into, rows)),
    )
  }
  for (const { organization, at } of touched.breakers.expired) {
    loads.push(
      ask(`${tables.breakerRows.select} ${EXPIRED}`, [storedText(organization), String(at)]).then((rows) =>
        tables.breakerRows.add(into, rows),
      ),
    )
  }
  if (touched.entriesAfter !== null) {
    loads.push(
      ask(`${SELECT_ENTRIES} WHERE seq > $1::bigint ORDER BY seq`, [String(touched.entriesAfter)]).then((rows) => {
        into.tail.push(...rows.map(entryOf))
      }),
    )
  }
  await Promise.all(loads)
}

/** Those that say nothing any more, some of them at a time. */
const EXPIRED = 'WHERE organization = $1::text AND expires_at <= $2::bigint ORDER BY expires_at LIMIT 1000'

export const ENTRY_COLUMNS = 'journal.organization, journal.kind, journal.seq, journal.recorded_at, journal.body'
export const SELECT_ENTRIES = `SELECT ${ENTRY_COLUMNS} FROM journal`

/** Nearly always none of them is there. */
const LOAD_POSTED = `SELECT ${ENTRY_COLUMNS} FROM unnest($1::text[], $2::text[], $3::text[]) AS wanted (organization, kind, id)
  JOIN journal ON journal.organization = wanted.organization AND journal.kind = wanted.kind AND journal.id = wanted.id`

function loadPosted(into: LoadedRows, { ids }: Touched, ask: Ask): Promise<void> | null {
  if (ids.length === 0) return null
  const values = [
    textArray(ids.map(({ organization }) => storedText(organization))),
    textArray(ids.map(({ kind }) => kind)),
    textArray(ids.map(({ id }) => storedText(id))),
  ]
  return ask(LOAD_POSTED, values).then((rows) => {
    for (const entry of rows.map(entryOf)) into.posted.set(eventKey(entry.organization, entry.event.kind, idOfEvent(entry.event)), entry)
  })
}

const LOAD_ADJUSTMENTS = `SELECT ${ENTRY_COLUMNS} FROM unnest($1::text[], $2::text[]) AS wanted (organization, call)
  JOIN journal ON journal.organization = wanted.organization AND journal.adjusts = wanted.call
  WHERE journal.adjusts IS NOT NULL ORDER BY journal.seq`

function loadAdjustments(into: LoadedRows, { adjustmentsOf }: Touched, ask: Ask): Promise<void> | null {
  if (adjustmentsOf.length === 0) return null
  const values = [
    textArray(adjustmentsOf.map(({ organization }) => storedText(organization))),
    textArray(adjustmentsOf.map(({ id }) => storedText(id))),
  ]
  return ask(LOAD_ADJUSTMENTS, values).then((rows) => {
    for (const entry of rows.map(entryOf)) {
      if (entry.event.kind !== 'adjustment') continue
      const key = rowKey(entry.organization, entry.event.adjustment.call)
      into.adjustments.set(key, [...(into.adjustments.get(key) ?? []), entry])
    }
  })
}

export function entryOf(row: Row): JournalEntry {
  return decodeEntry({
    seq: Number(row.seq),
    organization: nameIn(row, 'organization'),
    kind: textIn(row, 'kind') as RecordEvent['kind'],
    recordedAt: Number(row.recorded_at),
    body: textIn(row, 'body'),
  })
}

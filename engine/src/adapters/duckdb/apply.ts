import type { DuckDBConnection } from '@duckdb/node-api'
import { adjustedCall, type CallRow, type Fill, projectEntry, type RunPart, type SessionPart } from '../../calls/index.ts'
import type { JournalEntry } from '../../ledger/index.ts'
import { appendCalls, appendRecords } from './append.ts'
import { type Column, RUN_PART_COLUMNS, SESSION_PART_COLUMNS } from './columns.ts'
import { applyFills } from './fills/apply-fills.ts'
import { CALL_SELECT, callRowOf } from './read-rows.ts'

/** Writes entries into the store, in the caller's transaction: their rows first, then what late runs and sessions give to earlier calls. */
export async function applyEntries(connection: DuckDBConnection, entries: readonly JournalEntry[], foldedSeq: number): Promise<void> {
  const { slice, fills } = await project(connection, entries)
  await writeSlice(connection, slice)
  await applyFills(connection, fills, foldedSeq)
}

interface Slice {
  readonly rows: CallRow[]
  readonly runs: RunPart[]
  readonly sessions: SessionPart[]
  readonly statuses: Map<number, string>
}

async function project(connection: DuckDBConnection, entries: readonly JournalEntry[]): Promise<{ slice: Slice; fills: Fill[] }> {
  const slice: Slice = { rows: [], runs: [], sessions: [], statuses: new Map() }
  const fills: Fill[] = []
  const adjusted = entries.filter((entry) => entry.event.kind === 'adjustment')
  const calls = await storedCalls(connection, adjusted)
  for (const entry of entries) {
    for (const change of projectEntry(entry, (organization, id) => calls.get(callKey(organization, id)) ?? null)) {
      if (change.kind === 'run') slice.runs.push(change.run)
      else if (change.kind === 'session') slice.sessions.push(change.session)
      else if (change.kind === 'fill') fills.push(change.fill)
      else if (change.kind === 'status') slice.statuses.set(change.callSeq, change.status)
      else {
        slice.rows.push(change.row)
        // The next adjustment of the call starts from the status that this row leaves it in.
        const key = callKey(change.row.organization, change.row.callId)
        const before = calls.get(key)
        if (adjusted.length > 0) calls.set(key, before === undefined ? change.row : { ...before, status: change.row.status })
      }
    }
  }
  return { slice, fills }
}

async function writeSlice(connection: DuckDBConnection, slice: Slice): Promise<void> {
  await appendCalls(connection, slice.rows)
  await appendRecords(connection, 'run_parts', RUN_PART_COLUMNS, slice.runs)
  await appendRecords(connection, 'session_parts', SESSION_PART_COLUMNS, slice.sessions)
  if (slice.statuses.size === 0) return
  const statuses = [...slice.statuses].map(([callSeq, status]) => ({ callSeq, status }))
  await connection.run('CREATE OR REPLACE TEMP TABLE new_statuses (call_seq BIGINT, status VARCHAR)')
  await appendRecords(connection, 'new_statuses', STATUS_COLUMNS, statuses, null)
  await connection.run(`UPDATE store.calls SET status = new_statuses.status
    FROM new_statuses WHERE calls.call_seq = new_statuses.call_seq`)
}

const STATUS_COLUMNS: readonly Column<{ callSeq: number; status: string }>[] = [
  { name: 'call_seq', field: 'callSeq', kind: 'integer' },
  { name: 'status', field: 'status', kind: 'text' },
]

const WANTED_COLUMNS: readonly Column<{ organization: string; callId: string }>[] = [
  { name: 'organization', field: 'organization', kind: 'text' },
  { name: 'call_id', field: 'callId', kind: 'text' },
]

/** The stored calls that adjustments correct, by organization and id. Calls of the same slice are added as they pass. */
async function storedCalls(connection: DuckDBConnection, adjustments: readonly JournalEntry[]): Promise<Map<string, CallRow>> {
  const wanted = adjustments.flatMap((entry) => {
    const callId = adjustedCall(entry)
    return callId === null ? [] : [{ organization: entry.organization, callId }]
  })
  if (wanted.length === 0) return new Map()
  await connection.run('CREATE OR REPLACE TEMP TABLE wanted_calls (organization VARCHAR, call_id VARCHAR)')
  await appendRecords(connection, 'wanted_calls', WANTED_COLUMNS, wanted, null)
  const reader = await connection.runAndReadAll(`SELECT ${CALL_SELECT} FROM store.calls
    WHERE calls = 1 AND (organization, call_id) IN (SELECT (organization, call_id) FROM wanted_calls)`)
  const rows = reader.getRows().map(callRowOf)
  return new Map(rows.map((row) => [callKey(row.organization, row.callId), row]))
}

function callKey(organization: string, callId: string): string {
  return `${organization}\u0000${callId}`
}

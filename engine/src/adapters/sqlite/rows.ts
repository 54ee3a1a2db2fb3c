import { picos } from '../../kernel/index.ts'
import type { AccountState, Attribution, RecordEvent, RunState, SessionState, StoredEntry } from '../../ledger/index.ts'

export interface AttributionRow {
  readonly agent: string | null
  readonly user: string | null
  readonly session: string | null
  readonly workflow: string | null
  readonly team: string | null
  readonly project: string | null
  readonly cost_center: string | null
  readonly action: string | null
  readonly tags: string
}

export interface RunRow extends AttributionRow {
  readonly id: string
  readonly organization: string
  readonly parent_run: string | null
  readonly started_at: number | null
  readonly ended_at: number | null
  readonly success: number | null
  readonly error_code: string | null
  readonly started_seq: number | null
}

export interface SessionRow extends AttributionRow {
  readonly id: string
  readonly organization: string
  readonly started_at: number | null
  readonly ended_at: number | null
}

export interface AccountRow {
  readonly organization: string
  readonly account: string
  readonly debits: string
  readonly credits: string
}

export interface EntryRow {
  readonly seq: number
  readonly organization: string
  readonly kind: string
  readonly recorded_at: number
  readonly body: string
}

export function runOf(row: RunRow): RunState {
  return {
    ...attributionOf(row),
    organization: row.organization,
    id: row.id,
    parentRun: row.parent_run,
    startedAt: row.started_at,
    startedSeq: row.started_seq ?? (row.started_at === null ? null : 0),
    endedAt: row.ended_at,
    success: row.success === null ? null : row.success === 1,
    errorCode: row.error_code,
  }
}

export function sessionOf(row: SessionRow): SessionState {
  return { ...attributionOf(row), organization: row.organization, id: row.id, startedAt: row.started_at, endedAt: row.ended_at }
}

export function accountOf(row: AccountRow): AccountState {
  return {
    organization: row.organization,
    account: row.account,
    debits: picos(BigInt(row.debits)),
    credits: picos(BigInt(row.credits)),
  }
}

export function storedEntryOf(row: EntryRow): StoredEntry {
  return {
    seq: row.seq,
    organization: row.organization,
    kind: row.kind as RecordEvent['kind'],
    recordedAt: row.recorded_at,
    body: row.body,
  }
}

/** The last nine columns of runs and sessions, in the order of the tables. */
export function attributionValues(of: Attribution): (string | null)[] {
  return [of.agent, of.user, of.session, of.workflow, of.team, of.project, of.costCenter, of.action, JSON.stringify(of.tags)]
}

function attributionOf(row: AttributionRow): Attribution {
  const { agent, user, session, workflow, team, project, action } = row
  return {
    agent,
    user,
    session,
    workflow,
    team,
    project,
    costCenter: row.cost_center,
    action,
    tags: row.tags === '{}' ? NO_TAGS : (JSON.parse(row.tags) as Record<string, string>),
  }
}

const NO_TAGS: Readonly<Record<string, string>> = {}

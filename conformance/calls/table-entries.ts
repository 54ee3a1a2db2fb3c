import { picos } from '../../engine/src/kernel/index.ts'
import type { Attribution, Inherited, JournalEntry, RecordEvent } from '../../engine/src/ledger/index.ts'
import type { Charge, ChargeStatus } from '../../engine/src/pricing/index.ts'
import type { Inference } from '../../engine/src/usage/index.ts'

type Said = Partial<Attribution> & {
  readonly id: string
  readonly at?: number
  readonly late?: boolean
  readonly atGiven?: boolean
  readonly inherited?: readonly Inherited[]
}

/** One line of a truth table: what matters is said, the rest is the same everywhere. */
export interface TableEntry {
  readonly organization?: string
  readonly call?: Said & {
    readonly run?: string
    readonly amount?: string | null
    readonly status?: string
    readonly latencyMs?: number | null
    readonly fingerprint?: string
    readonly meters?: Inference['meters']
    readonly evidence?: Record<string, string>
  }
  readonly adjustment?: {
    readonly id: string
    readonly call: string
    readonly delta: string
    readonly amount: string
    readonly status?: string
    readonly at?: number
  }
  readonly run?: Said & { readonly parentRun?: string }
  readonly runEnd?: {
    readonly id: string
    readonly at: number
    readonly success: boolean
    readonly errorCode?: string
    readonly atGiven?: boolean
  }
  readonly session?: Said
  readonly sessionEnd?: { readonly id: string; readonly at: number; readonly atGiven?: boolean }
}

export function entriesOf(table: readonly TableEntry[]): JournalEntry[] {
  return table.map((line, index) => ({
    seq: index + 1,
    organization: line.organization ?? 'acme',
    recordedAt: 100_000 + index,
    event: eventOf(line),
    transfers: [],
    ...inheritedOf(line.run ?? line.call),
    ...([line.run, line.session, line.call].some((said) => said?.late === true) ? { late: true as const } : {}),
  }))
}

function inheritedOf(said: Said | undefined): Pick<JournalEntry, 'inherited'> {
  return said?.inherited === undefined ? {} : { inherited: said.inherited }
}

function eventOf({ call, adjustment, run, runEnd, session, sessionEnd }: TableEntry): RecordEvent {
  if (call !== undefined) {
    const { amount = '0', status = 'exact', meters = {}, evidence = {}, run: runId = null, latencyMs = null, fingerprint = null } = call
    const inference = { model: 'm', kind: 'message', meters, evidence } as Inference
    const usage = {
      seller: 'openai',
      modelRequested: 'm',
      modelServed: null,
      at: 0,
      inferences: [inference],
      context: {},
      notes: [],
      outcome: { ok: true },
    } as const
    const facts = { parentCall: null, key: null, atGiven: true, success: true, errorCode: null, fingerprint, source: 'api' }
    return {
      kind: 'call',
      call: { ...said(call), ...facts, id: call.id, at: call.at ?? 1, run: runId, latencyMs, usage, charge: chargeOf(amount, status) },
    }
  }
  if (adjustment !== undefined) {
    const { id, call: corrected, delta, amount, status = 'exact', at = 2 } = adjustment
    return {
      kind: 'adjustment',
      adjustment: { id, call: corrected, delta: picos(BigInt(delta)), charge: chargeOf(amount, status), reason: 'table', at },
    }
  }
  if (run !== undefined) {
    return {
      kind: 'run_start',
      run: { ...said(run), id: run.id, parentRun: run.parentRun ?? null, at: run.at ?? 1, atGiven: run.atGiven ?? true },
    }
  }
  if (runEnd !== undefined)
    return { kind: 'run_end', run: { ...runEnd, errorCode: runEnd.errorCode ?? null, atGiven: runEnd.atGiven ?? true } }
  if (session !== undefined)
    return { kind: 'session_start', session: { ...said(session), id: session.id, at: session.at ?? 1, atGiven: session.atGiven ?? true } }
  if (sessionEnd !== undefined) return { kind: 'session_end', session: { ...sessionEnd, atGiven: sessionEnd.atGiven ?? true } }
  throw new Error('a line of the table says nothing')
}

function said(given: Partial<Attribution>): Attribution {
  const {
    agent = null,
    user = null,
    session = null,
    workflow = null,
    team = null,
    project = null,
    costCenter = null,
    action = null,
    tags = {},
  } = given
  return { agent, user, session, workflow, team, project, costCenter, action, tags }
}

function chargeOf(amount: string | null, status: string): Charge {
  const known = amount === null ? null : picos(BigInt(amount))
  return { status: status as ChargeStatus, amount: known, lines: [], unpriced: [], alternatives: [], notes: [], knownAt: 0 }
}

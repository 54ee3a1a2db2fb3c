import { finishBeforeExit } from './delivery/exit.ts'
import { BATCH_PATH } from './delivery/plan.ts'
import type { Item } from './delivery/queue.ts'
import { type DeliveryStats, Sender } from './delivery/sender.ts'
import { type GuardedRequest, type GuardInput, type GuardTools, guardCall } from './guard/guard.ts'
import type { AgentCallInput, SessionEndInput, SessionStartInput, WorkflowEndInput, WorkflowStartInput } from './inputs.ts'
import { type Settings, settingsOf, type TrackerOptions } from './options.ts'
import { currentRun, merged } from './run-context.ts'
import { authorizeBody, callBody, sessionEndBody, sessionStartBody, workflowEndBody, workflowStartBody } from './wire.ts'

/**
 * Reports what agents do. Every method but `guard` returns at once, before anything is sent, and does not throw: what cannot be delivered goes to
 * `onError` and `onLost`. Awaiting a method is allowed and costs nothing.
 */
export interface Tracker {
  /** Begins a run of a named workflow; returns its id, the one given or a new one. */
  startWorkflow(input: WorkflowStartInput): string
  endWorkflow(input: WorkflowEndInput): void
  /** Reports one call of an agent; returns its id, to be the `parentCallId` of calls it led to. */
  trackAgentCall(input: AgentCallInput): string
  startSession(input?: SessionStartInput): string
  endSession(input: SessionEndInput): void
  /**
   * Asks whether a call may be made, makes it, and settles it with what it cost. The one method that waits for the server, and the one that throws:
   * `BudgetExhaustedError` before anything is spent, `GuardUnavailableError` when the server cannot be asked.
   */
  guard<T>(input: GuardInput, call: (request: GuardedRequest) => Promise<T> | T): Promise<T>
  /** Waits until what was reported so far is delivered, refused or lost, at most `timeoutMs` (10000). `waiting` is then 0, or time was over. */
  flush(options?: { readonly timeoutMs?: number }): Promise<DeliveryStats>
  /** Delivers what waits, at most for `timeoutMs` (5000), and takes nothing more. Safe in a signal handler, and safe to repeat. */
  close(options?: { readonly timeoutMs?: number }): Promise<DeliveryStats>
  stats(): DeliveryStats
  /** The key of request fingerprints, if one is configured. */
  readonly fingerprintKey: string | undefined
}

const FLUSH_TIMEOUT_MS = 10_000
const CLOSE_TIMEOUT_MS = 5000
/** How long a guard waits for reports that came before it, of whose run the call may be. */
const GUARD_FLUSH_MS = 2000
/** One report is some hundred bytes; a megabyte of it is a mistake that must not fill the queue. */
const ITEM_CHARS_MAX = 256_000

const PATHS = {
  workflow_start: '/v1/finops/workflows/start',
  workflow_end: '/v1/finops/workflows/end',
  session_start: '/v1/finops/sessions/start',
  call: BATCH_PATH,
} as const

/**
 * Makes a tracker. Without options it reads `PURSER_URL` and `PURSER_API_KEY`.
 *
 * ```ts
 * const tracker = createTracker()
 * const workflowId = tracker.startWorkflow({ workflowName: 'Generate Report' })
 * tracker.trackAgentCall({ agentName: 'DataAnalyzer', model: 'gpt-4o', inputTokens: 1000, outputTokens: 500, workflowId })
 * tracker.endWorkflow({ workflowId })
 * ```
 */
export function createTracker(options: TrackerOptions = {}): Tracker {
  const settings = settingsOf(options, globalThis.process?.env ?? {})
  const sender = new Sender(settings)
  const forget = finishBeforeExit({ hasWork: () => sender.stats().waiting > 0, finish: () => sender.finish(settings.exitTimeoutMs) })
  const report = reporter(settings, sender)
  const tools: GuardTools = {
    settings,
    flush: async () => (sender.stats().waiting > 0 ? sender.flush(GUARD_FLUSH_MS) : undefined),
    report: (input) => report('call', () => callBody(withDefaults(input, settings), idOr(input.callId, settings), settings.now())),
    bodyOf: authorizeBody,
  }
  let closing: Promise<DeliveryStats> | null = null
  return {
    startWorkflow(input) {
      const id = idOr(input?.workflowId, settings)
      report('workflow_start', () => workflowStartBody(withDefaults(withParent(input, id), settings), id, settings.now()))
      return id
    },
    endWorkflow(input) {
      report('workflow_end', () => workflowEndBody(withOrganization(input, settings), settings.now()))
    },
    trackAgentCall(input) {
      const id = idOr(input?.callId, settings)
      report('call', () => callBody(withDefaults(input, settings), id, settings.now()))
      return id
    },
    startSession(input = {}) {
      const id = idOr(input?.sessionId, settings)
      report('session_start', () => sessionStartBody(withDefaults({ ...input, sessionId: id }, settings), id, settings.now()))
      return id
    },
    endSession(input) {
      report('session_end', () => sessionEndBody(withOrganization(input, settings), settings.now()))
    },
    guard: (input, call) => guardCall(tools, withDefaults(input, settings), call),
    flush: ({ timeoutMs = FLUSH_TIMEOUT_MS } = {}) => sender.flush(timeoutMs),
    close({ timeoutMs = CLOSE_TIMEOUT_MS } = {}) {
      closing ??= (async () => {
        sender.close()
        const stats = await sender.finish(timeoutMs)
        forget()
        return stats
      })()
      return closing
    },
    stats: () => sender.stats(),
    fingerprintKey: settings.fingerprintKey,
  }
}

interface Body {
  readonly workflow_id?: string | null
  readonly parent_workflow_id?: string | null
  readonly session_id?: string | null
}

type Report = (kind: Item['kind'], body: () => Body) => void

/** Turns what was reported into an item of the queue. What cannot be turned into one is told to `onError`, never thrown. */
function reporter(settings: Settings, sender: Sender): Report {
  let hasToldFault = false
  return (kind, body) => {
    if (!settings.enabled) return
    if (settings.fault !== null) {
      if (!hasToldFault) settings.onError({ code: 'bad_configuration', detail: `Nothing is sent: ${settings.fault}.` })
      hasToldFault = true
      sender.refuse()
      return
    }
    try {
      const fields = body()
      const json = JSON.stringify(fields)
      if (json.length > ITEM_CHARS_MAX) throw new Error(`a report of ${json.length} characters is too large`)
      sender.enqueue({ kind, path: pathOf(kind, fields), json, scopes: scopesOf(kind, fields) })
    } catch (error) {
      sender.refuse()
      settings.onError({ code: 'unreportable', detail: `A ${kind} could not be reported: ${String(error)}.` })
    }
  }
}

function pathOf(kind: Item['kind'], fields: Body): string {
  return kind === 'session_end' ? `/v1/finops/sessions/${encodeURIComponent(fields.session_id ?? '')}/end` : PATHS[kind]
}

/** An end closes its own run or session; everything else depends on each one that it names. */
function scopesOf(kind: Item['kind'], fields: Body): string[] {
  const scopes: string[] = []
  if (fields.workflow_id && kind !== 'session_end') scopes.push(`run ${fields.workflow_id}`)
  if (fields.parent_workflow_id) scopes.push(`run ${fields.parent_workflow_id}`)
  if (fields.session_id && kind !== 'workflow_end') scopes.push(`session ${fields.session_id}`)
  return scopes
}

function idOr(given: string | undefined | null, settings: Settings): string {
  return given === undefined || given === null || given === '' ? settings.newId() : String(given)
}

/** What the input says, over what the surrounding `withRun` says, over the tracker's organization. */
function withDefaults<T extends object>(input: T, settings: Settings): T {
  return merged({ organizationId: settings.organizationId, ...currentRun() }, input) as T
}

/** A run that starts inside another is its child, unless it names another parent. */
function withParent(input: WorkflowStartInput, id: string): WorkflowStartInput {
  const outer = currentRun().workflowId
  return { ...input, parentWorkflowId: input.parentWorkflowId ?? (outer === id ? undefined : outer) }
}

function withOrganization<T extends { readonly organizationId?: string | undefined }>(input: T, settings: Settings): T {
  return { ...input, organizationId: input.organizationId ?? currentRun().organizationId ?? settings.organizationId }
}

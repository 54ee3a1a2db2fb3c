import { trackCalls } from '@purser/contract'
import { mergeAdjustments, QueryFault } from '../../calls/index.ts'
import { fail, ok, type Refusal, type Result, refusal } from '../../kernel/index.ts'
import type { LogRecord, MetricPoint, SpanRecord } from '../../usage/index.ts'
import { permits } from '../authority/grants.ts'
import type { Caller, Services } from '../context.ts'
import { fallbackCounters } from './counters.ts'
import { planEvents } from './plan-events.ts'
import { place, planSpans } from './plan-spans.ts'
import { pricedTools } from './priced-tools.ts'
import { isPassing, type Taken } from './records.ts'
import { loadSessions, newRequest, type Receiver, type Request, resourceWho } from './request.ts'
import { runsOf } from './runs.ts'
import { sameCalls } from './same-calls.ts'
import { submitDrafts } from './submit.ts'
import { settleLater } from './told-again.ts'
import { type Trace, TraceMemory } from './traces.ts'

/** Takes telemetry that has been decoded, and answers when all calls in it are durable. */
export interface TelemetryReceiver {
  spans(caller: Caller, spans: readonly SpanRecord[]): Promise<Result<Taken>>
  events(caller: Caller, logs: readonly LogRecord[]): Promise<Result<Taken>>
  counters(caller: Caller, points: readonly MetricPoint[]): Promise<Result<Taken>>
}

export function telemetryReceiver(services: Services): TelemetryReceiver {
  const receiver: Receiver = { services, traces: new TraceMemory(services.now), tools: pricedTools(services.rates), same: sameCalls() }
  const counters = fallbackCounters(receiver)
  const inTurn = turns()
  const take = (caller: Caller, plan: (request: Request) => Promise<void>): Promise<Result<Taken>> =>
    guarded(caller, async () => {
      const request = newRequest(receiver, caller)
      await plan(request)
      const commands = runsOf(request)
      const mayLookUp = inTurn()
      try {
        const refused =
          (await submitDrafts(request, commands)) ?? (await settleAll(request, mayLookUp.before)) ?? (await counters.yieldTo(request))
        if (refused !== null) return forgotten(request, refused)
        receiver.traces.trim()
        return ok({ rejected: request.tally.rejected, reasons: [...request.tally.reasons] })
      } catch (error) {
        forgotten(request, null)
        throw error
      } finally {
        mayLookUp.done()
      }
    })
  return {
    spans: (caller, spans) =>
      take(caller, async (request) => {
        const placed = place(request, spans)
        const models = placed.models
        await loadSessions(
          request,
          services.runOrganizations,
          models.map(({ memo, span }) => memo.who?.session ?? resourceWho(request, span.emitter)?.session ?? null),
        )
        for (const { trace, span } of models) {
          if (!receiver.traces.knowsAll(trace, span.startUs / 1_000)) await loadEarlier(receiver, caller, trace, span.traceId)
        }
        planSpans(request, placed)
      }),
    events: (caller, logs) => take(caller, (request) => planEvents(request, logs)),
    counters: (caller, points) => guarded(caller, () => counters.take(newRequest(receiver, caller), points)),
  }
}

async function guarded(caller: Caller, work: () => Promise<Result<Taken>>): Promise<Result<Taken>> {
  if (!permits(caller, 'report', trackCalls.operation)) return fail(refusal('forbidden', 'this key may not report calls'))
  try {
    return await work()
  } catch (error) {
    if (error instanceof QueryFault) return fail(refusal('unavailable', 'what was posted earlier cannot be looked up at the moment'))
    throw error
  }
}

/** What could not be posted is not remembered: whoever sends it again finds what was. */
function forgotten(request: Request, why: Refusal | null): Result<Taken> {
  request.receiver.traces.forget(request.touched)
  request.receiver.same.forget()
  return fail(why ?? refusal('internal', 'the telemetry could not be taken'))
}

async function settleAll(request: Request, earlier: Promise<unknown>): Promise<Refusal | null> {
  if (request.later.length === 0) return null
  // What was drafted by requests that came before is looked for in the ledger.
  await earlier
  for (const later of request.later) {
    const refused = await settleLater(request.receiver.services, request.caller, later)
    if (refused !== null && isPassing(refused)) return refused
  }
  return null
}

/** Requests are posted as they come; what must be looked up waits for those before. */
function turns(): () => { readonly before: Promise<unknown>; readonly done: () => void } {
  let last: Promise<unknown> = Promise.resolve()
  return () => {
    const before = last
    let done = (): void => {}
    const own = new Promise<void>((resolve) => {
      done = resolve
    })
    last = Promise.all([before, own])
    return { before, done }
  }
}

const EARLIER_MAX = 10_000

/** Calls of a trace that may have been posted before this process began to remember. */
async function loadEarlier({ services }: Receiver, caller: Caller, trace: Trace, traceId: string | null): Promise<void> {
  trace.earlier = []
  if (traceId === null || (await services.ledger.findRuns(caller.organization, traceId)).length === 0) return
  const rows = await services.calls.rows({
    scope: caller.organization === null ? { allOrganizations: true } : { organization: caller.organization },
    where: [{ dimension: 'run', in: [traceId] }],
    atLeast: services.committer.head(),
    limit: EARLIER_MAX,
  })
  trace.organization = rows[0]?.organization ?? null
  trace.earlier = mergeAdjustments(rows)
    .filter(({ source }) => source.startsWith('otlp:'))
    .map((row) => ({
      id: row.callId,
      model: row.model,
      startMs: row.at,
      endMs: row.at + (row.latencyMs ?? 0),
      inputTokens: row.inputTokens,
      outputTokens: row.outputTokens,
      metered: row.usageEvidence !== 'missing',
    }))
}

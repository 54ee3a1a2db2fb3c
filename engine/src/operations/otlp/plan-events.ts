import { type CallEvent, callEvent, type LogRecord, textFact, usageOf, whoOf } from '../../usage/index.ts'
import { attributionOf } from './attribution.ts'
import { draftOf, tellingId } from './draft.ts'
import { isSame, keep } from './merge.ts'
import { reject } from './records.ts'
import { latencyOf, loadSessions, organizationOf, type Request, resourceWho, timeOf } from './request.ts'

/** Log events that stand for calls. The others are taken and nothing is made of them. */
export async function planEvents(request: Request, logs: readonly LogRecord[]): Promise<void> {
  const events = logs.map(callEvent).filter((event) => event !== null)
  const sessions = events.map(({ log }) => textFact(log.facts, 'session') ?? textFact(log.emitter.resource, 'session'))
  await loadSessions(request, request.receiver.services.runOrganizations, sessions)
  for (const event of events) planEvent(request, event)
}

function planEvent(request: Request, event: CallEvent): void {
  const { log, dialect } = event
  const time = timeOf(request, event.startUs)
  const attributed = attributionOf(request.caller, [whoOf(log.facts, false), resourceWho(request, log.emitter)], null)
  const organization = organizationOf(request, attributed)
  if (!time.ok || !organization.ok) {
    reject(request.tally, 1, !time.ok ? time.error : !organization.ok ? organization.error : '')
    return
  }
  const { at, given } = time.value
  const described = usageOf({ facts: log.facts, dialect, scope: log.emitter.scope, at, failed: event.failed })
  const spanCallId = dialect === 'genai' && log.traceId !== null && log.spanId !== null ? `${log.traceId}-${log.spanId}` : null
  const otherId = spanCallId ?? `${dialect}-${event.hash}`
  // Failed attempts of Claude Code share the id of the request with the attempt that succeeds.
  const id = event.failed ? otherId : (tellingId(log.facts) ?? otherId)
  const draft = draftOf(
    request,
    described,
    { id, otherId },
    {
      organization: organization.value,
      at,
      atGiven: given,
      latencyMs: latencyOf(event.startUs, event.endUs),
      attributed,
      run: attributed.run ?? log.traceId,
      parentCall: null,
      source: `otlp:${dialect}`,
    },
  )
  const trace = null
  keep(
    request,
    draft,
    isSame(request, draft, { span: { ...log, startUs: event.startUs, endUs: event.endUs }, trace, dialect, signal: 'event', chain: [] }),
  )
}

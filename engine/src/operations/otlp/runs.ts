import type { CommandEvent, RecordCommand } from '../../ledger/index.ts'
import { attributionOf } from './attribution.ts'
import type { Request } from './request.ts'
import { commandOf } from './told-again.ts'
import type { Trace } from './traces.ts'

/** A run is kept by its trace: each trace that has a call and whose root has come is started and ended, once. */
export interface RunCommands {
  readonly starts: RecordCommand[]
  readonly ends: RecordCommand[]
}

export function runsOf(request: Request): RunCommands {
  const starts: RecordCommand[] = []
  const ends: RecordCommand[] = []
  for (const trace of request.touched) {
    if (trace.announced || trace.root === null || trace.organization === null) continue
    trace.announced = true
    const command = (event: CommandEvent): RecordCommand => commandOf(request.caller, trace.organization ?? '', request.now, event)
    const id = trace.key.slice(trace.key.indexOf('\n') + 1)
    starts.push(command(startOf(request, trace, id)))
    ends.push(command(endOf(request, trace, id)))
  }
  return { starts, ends }
}

function startOf(request: Request, { root }: Trace, id: string): CommandEvent {
  const {
    run: _run,
    organization: _organization,
    modelAbove: _model,
    ...attribution
  } = attributionOf(request.caller, [root?.who ?? null], root?.name ?? '')
  const at = Math.floor((root?.startUs ?? 0) / 1_000)
  const given = at > 0 && at <= request.now
  return {
    kind: 'run_start',
    run: { ...attribution, id, parentRun: null, at: given ? at : request.now, atGiven: given },
  }
}

function endOf(request: Request, { root }: Trace, id: string): CommandEvent {
  const at = Math.floor((root?.endUs ?? 0) / 1_000)
  const given = at > 0 && at <= request.now
  const failed = root?.failed ?? false
  return {
    kind: 'run_end',
    run: { id, at: given ? at : request.now, atGiven: given, success: !failed, errorCode: failed ? 'error' : null },
  }
}

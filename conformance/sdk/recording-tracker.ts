import type { AgentCallInput } from '../../sdk/src/inputs.ts'
import { createTracker, type Tracker } from '../../sdk/src/tracker.ts'

export interface RecordingTracker extends Tracker {
  readonly reported: Readonly<Record<string, unknown>>[]
}

/** A tracker that keeps the calls, as they would be sent, in place of sending them. */
export function recordingTracker(): RecordingTracker {
  const reported: Readonly<Record<string, unknown>>[] = []
  const inner = createTracker({ enabled: false, fingerprintKey: 'k' })
  return {
    ...inner,
    reported,
    trackAgentCall(input: AgentCallInput) {
      reported.push(input as Readonly<Record<string, unknown>>)
      return input.callId ?? `call-${reported.length}`
    },
  }
}

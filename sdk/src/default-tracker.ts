import { createTracker, type Tracker } from './tracker.ts'

let made: Tracker | null = null

function own(): Tracker {
  made ??= createTracker()
  return made
}

/** A tracker of the whole process, made from the environment when it is first used. */
export const tracker: Tracker = {
  startWorkflow: (input) => own().startWorkflow(input),
  endWorkflow: (input) => own().endWorkflow(input),
  trackAgentCall: (input) => own().trackAgentCall(input),
  startSession: (input) => own().startSession(input),
  endSession: (input) => own().endSession(input),
  guard: (input, call) => own().guard(input, call),
  flush: (options) => own().flush(options),
  close: (options) => own().close(options),
  stats: () => own().stats(),
  get fingerprintKey() {
    return own().fingerprintKey
  },
}

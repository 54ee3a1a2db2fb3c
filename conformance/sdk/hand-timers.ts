/** Timers that run only when told to, and say what they were asked for. */
export interface HandTimers {
  set(run: () => void, delayMs: number): unknown
  clear(handle: unknown): void
  /** Delays of the timers that are set now. */
  delays(): number[]
  /** Runs the timers with this delay that are set now. */
  fire(delayMs: number): void
}

interface Handle {
  readonly run: () => void
  readonly delayMs: number
}

export function handTimers(): HandTimers {
  const handles = new Set<Handle>()
  return {
    set(run, delayMs) {
      const handle = { run, delayMs }
      handles.add(handle)
      return handle
    },
    clear(handle) {
      handles.delete(handle as Handle)
    },
    delays: () => [...handles].map(({ delayMs }) => delayMs),
    fire(delayMs) {
      for (const handle of [...handles].filter((one) => one.delayMs === delayMs)) {
        handles.delete(handle)
        handle.run()
      }
    },
  }
}

/** Lets everything that is ready run: promises, then what they led to. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve))
}

/** Something that wants to finish before the process ends. */
export interface Finisher {
  hasWork(): boolean
  finish(): Promise<unknown>
}

const finishers = new Set<Finisher>()
let isListening = false

/**
 * Runs `finish` when the event loop has run empty (`beforeExit`). One listener for all trackers. Signals and `process.exit()` do not come
 * by here: a program that uses them calls `close()` itself.
 */
export function finishBeforeExit(finisher: Finisher): () => void {
  finishers.add(finisher)
  if (!isListening) {
    isListening = true
    globalThis.process?.on?.('beforeExit', onBeforeExit)
  }
  return () => {
    finishers.delete(finisher)
  }
}

function onBeforeExit(): void {
  for (const finisher of finishers) if (finisher.hasWork()) void finisher.finish()
}

/**
 * Lets many callers share one piece of work, where each must be answered by work that began after it asked: who comes while it runs
 * waits for the next one, all together. Failures go to those who waited for them.
 */
export function coalesced(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null
  let following: Promise<void> | null = null
  const start = (): Promise<void> =>
    work().finally(() => {
      running = following
      following = null
    })
  return () => {
    if (running === null) {
      running = start()
      return running
    }
    following ??= running.then(start, start)
    return following
  }
}

import type { RecordCommand } from '../../ledger/index.ts'
import type { Services } from '../context.ts'

/** How many holds are taken back in one go. */
const SWEEP_MAX = 1_000

/**
 * Takes back what is held past its deadline; returns how many holds that were. Any number of sweepers may run: a hold that was settled,
 * extended or taken back meanwhile is refused and left as it is.
 */
export async function sweepHolds(services: Pick<Services, 'now' | 'ledger' | 'committer'>): Promise<number> {
  const now = services.now()
  const due = await services.ledger.holdsDue(now, SWEEP_MAX)
  if (due.length === 0) return 0
  const commands = due.map(
    ({ organization, id }): RecordCommand => ({
      kind: 'record',
      organization,
      recordedAt: now,
      event: { kind: 'hold_expire', release: { id, at: now, reason: null } },
    }),
  )
  const outcomes = await services.committer.submitAll(commands)
  return outcomes.filter((outcome) => outcome.ok).length
}

/** Sweeps at an interval until it is stopped; the timer keeps no process alive. `stop` waits for a sweep under way. */
export function startSweeper(sweep: () => Promise<unknown>, everyMs: number): () => Promise<void> {
  let running: Promise<unknown> = Promise.resolve()
  let busy = false
  const timer = setInterval(() => {
    if (busy) return
    busy = true
    running = sweep()
      .catch(() => null)
      .finally(() => {
        busy = false
      })
  }, everyMs)
  timer.unref()
  return async () => {
    clearInterval(timer)
    await running
  }
}

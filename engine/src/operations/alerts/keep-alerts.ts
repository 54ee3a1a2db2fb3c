import type { Follower } from '../../alerts/index.ts'
import { LIMITS } from '../../kernel/index.ts'
import type { Services } from '../context.ts'
import { watchThresholds } from './watch-thresholds.ts'

const DAY_MS = 86_400_000

/**
 * At its start and at an interval: follows the journal to its end, makes budgets tell what webhooks ask for, and once a day forgets what is old.
 * What fails is done the next time. The timer keeps no process alive; `stop` waits for what is under way.
 */
export function startAlertKeeper(
  services: Pick<Services, 'now' | 'ledger' | 'committer' | 'alerts' | 'newId'>,
  follower: Pick<Follower, 'catchUp'>,
  everyMs: number,
): () => Promise<void> {
  let prunedAt = Number.NEGATIVE_INFINITY
  const round = async (): Promise<void> => {
    await follower.catchUp()
    await watchThresholds(services, null, 'system')
    const now = services.now()
    if (now - prunedAt < DAY_MS) return
    prunedAt = now
    await services.alerts.prune(now - LIMITS.alertDaysKept * DAY_MS)
  }
  let running: Promise<void> | null = null
  const begin = (): void => {
    running ??= round()
      .catch(() => undefined)
      .finally(() => {
        running = null
      })
  }
  const timer = setInterval(begin, everyMs)
  timer.unref()
  begin()
  return async () => {
    clearInterval(timer)
    await running
  }
}

import type { RecordCommand } from '../../ledger/index.ts'
import type { Services } from '../context.ts'

/** Forgets what breakers keep that says nothing any more; returns in how many organizations. Any number of sweepers may run. */
export async function sweepBreakers(services: Pick<Services, 'now' | 'newId' | 'ledger' | 'committer'>): Promise<number> {
  const now = services.now()
  const organizations = await services.ledger.breakersToSweep(now)
  if (organizations.length === 0) return 0
  const commands = organizations.map(
    (organization): RecordCommand => ({
      kind: 'record',
      organization,
      recordedAt: now,
      event: { kind: 'breaker_sweep', sweep: { id: services.newId(), at: now } },
    }),
  )
  const outcomes = await services.committer.submitAll(commands)
  return outcomes.filter((outcome) => outcome.ok).length
}

import type { OrganizationScope } from '../../../calls/index.ts'
import type { BurnBaseline } from '../../../insights/index.ts'
import type { Millis } from '../../../kernel/index.ts'
import type { Services } from '../../context.ts'
import type { BaselineOf } from './baselines.ts'

/**
 * What agents are expected to spend in an hour by their own history, for those that nobody has set a baseline for. This is the place where learned baselines come in; until
 * something is learned here none is expected of anybody, and an agent without a baseline is no anomaly.
 */
export async function learnedBaselines(_services: Services, _scope: OrganizationScope, _now: Millis): Promise<BaselineOf> {
  return (): BurnBaseline | null => null
}

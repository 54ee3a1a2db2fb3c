import type { OrganizationScope } from '../../../calls/index.ts'
import { picos } from '../../../kernel/index.ts'
import { learnedUsdPerHour } from '../../anomalies/index.ts'
import type { Services } from '../../context.ts'
import type { BaselineOf } from './baselines.ts'

const PICOS_PER_USD = 1e12

/**
 * What agents are expected to spend in an hour by their own history, for those that nobody has set a baseline for. Of an agent without a week of history
 * nothing is expected, and it is no anomaly. Statistic → money: rounded to the pico, to be compared with and never booked.
 */
export async function learnedBaselines(services: Services, scope: OrganizationScope): Promise<BaselineOf> {
  const usual = await learnedUsdPerHour(services, scope)
  return (organization, agent) => {
    const usd = usual(organization, agent)
    return usd === null || usd <= 0 ? null : { perHour: picos(BigInt(Math.round(usd * PICOS_PER_USD))), source: 'learned' }
  }
}

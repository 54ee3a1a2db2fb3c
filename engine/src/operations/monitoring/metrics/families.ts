import type { Services } from '../../context.ts'
import type { Family } from './family.ts'
import { gauges } from './gauges.ts'
import { processMetrics } from './process-metrics.ts'

/** All metrics as they stand. */
export async function allFamilies(services: Services): Promise<Family[]> {
  return [...services.meters.families(), ...(await gauges(services)), ...processMetrics(services.about.startedAt)]
}

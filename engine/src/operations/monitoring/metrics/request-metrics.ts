import type { ErrorCode } from '../../../kernel/index.ts'
import { counter } from './counters.ts'
import type { Family } from './family.ts'
import { histogram } from './histogram.ts'

/** A request that was answered. `route` is the path as it is documented, never as it was asked for. */
export interface AnsweredRequest {
  readonly method: string
  readonly route: string
  readonly status: number
  readonly seconds: number
}

const BOUNDS_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10]

/** How long answers take, and what is refused. */
export function requestMetrics() {
  const durations = histogram(
    {
      dotted: 'purser.http.request.duration.seconds',
      name: 'purser_http_request_duration_seconds',
      help: 'How long requests took, by path as documented and class of status.',
      unit: 'seconds',
    },
    BOUNDS_SECONDS,
  )
  const refusals = counter({
    dotted: 'purser.refusals',
    name: 'purser_refusals_total',
    help: 'Requests and uses of tools that were refused, by code.',
    unit: null,
    labels: ['code'],
  })
  return {
    answered({ method, route, status, seconds }: AnsweredRequest): void {
      const group = `${Math.floor(status / 100)}xx`
      durations.observe(`${method} ${group} ${route}`, () => ({ method, route, status: group }), seconds)
    },
    refused(code: ErrorCode): void {
      refusals.add([code], 1)
    },
    families: (): Family[] => [durations.family(), refusals.family()],
  }
}

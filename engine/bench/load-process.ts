import autocannon from 'autocannon'

export interface LoadPlan {
  readonly url: string
  /** Beside the type of the body. */
  readonly headers?: Readonly<Record<string, string>>
  readonly body: string
  /** Replaced by a new number in every request, so that ids are not repeated. */
  readonly fresh: string | null
  readonly connections: number
  readonly seconds: number
}

export interface LoadResult {
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly good: number
  readonly bad: number
}

const plan = JSON.parse(process.argv[2] ?? '') as LoadPlan
const parts = plan.fresh === null ? [plan.body] : plan.body.split(plan.fresh)
const run = Date.now().toString(36)
let counter = 0

function nextBody(): string {
  if (parts.length === 1) return plan.body
  let body = parts[0] ?? ''
  for (let index = 1; index < parts.length; index += 1) {
    counter += 1
    body += `${run}${counter}${parts[index]}`
  }
  return body
}

const result = await autocannon({
  url: plan.url,
  connections: plan.connections,
  duration: plan.seconds,
  requests: [
    {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...plan.headers },
      setupRequest: (request) => ({ ...request, body: nextBody() }),
    },
  ],
})
const answer: LoadResult = {
  perSecond: result['2xx'] / result.duration,
  p50Ms: result.latency.p50,
  p99Ms: result.latency.p99,
  good: result['2xx'],
  bad: result.non2xx + result.errors + result.timeouts,
}
process.send?.(answer)

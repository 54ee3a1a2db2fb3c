import type { ServerProcess } from '../process/server-process.ts'
import { load } from './load.ts'
import type { LoadPlan } from './load-process.ts'
import { type Measurement, median, rounded } from './section.ts'

const CONNECTIONS = 64
const SECONDS = 4
const FRESH = '@@'

/** What authorizing adds to an empty POST. Nothing is asked of it. */
export async function benchHeldHttp(server: ServerProcess, rounds: number): Promise<Measurement[]> {
  const ask = { call_id: `held-${FRESH}`, agent_name: 'agent-1', team: 'bench', user_id: 'user-1', model: 'gpt-4o' }
  const body = JSON.stringify({ ...ask, input_tokens: 4_000, max_output_tokens: 800 })
  const times = { empty: [] as Times[], held: [] as Times[] }
  for (let round = 0; round < rounds; round += 1) {
    times.empty.push(await measured(server, '/v1/finops/ping', '{}'))
    times.held.push(await measured(server, '/v1/finops/calls/authorize', body))
  }
  const line = (what: string, of: (times: Times) => number): Measurement => {
    const [held, empty] = [median(times.held.map(of)), median(times.empty.map(of))]
    return {
      what: `${what} of authorize through HTTP, ${CONNECTIONS} connections`,
      ours: `${rounded(held)} ms`,
      beside: `${rounded(empty)} ms (empty POST)`,
      target: '',
      figure: `${rounded(held - empty)} ms added`,
      met: null,
    }
  }
  return [line('p50', ({ p50Ms }) => p50Ms), line('p99', ({ p99Ms }) => p99Ms)]
}

type Times = Pick<Awaited<ReturnType<typeof load>>, 'p50Ms' | 'p99Ms'>

function measured(server: ServerProcess, path: string, body: string): Promise<Times> {
  const plan: LoadPlan = { url: server.url + path, body, fresh: FRESH, connections: CONNECTIONS, seconds: SECONDS }
  return load(plan)
}

import type { TestServer } from './test-server.ts'

const HOUR_MS = 3_600_000
const BATCH = 1_000

/** A call as it is tracked. */
export type TrackedFact = Readonly<Record<string, unknown>>

/** Tracks calls, many at a time. */
export async function trackAll(server: TestServer, calls: readonly TrackedFact[]): Promise<void> {
  for (let from = 0; from < calls.length; from += BATCH) {
    const answer = await server.send('POST', '/v1/finops/calls/batch', { calls: calls.slice(from, from + BATCH) })
    if (answer.status !== 200) throw new Error(answer.text)
  }
}

/** Four weeks of an agent that makes some calls each hour, a little more or less, up to a time. */
export function weeksOf(agent: string, until: number, hours = 4 * 168): TrackedFact[] {
  return Array.from({ length: hours }, (_, index) => until - (hours - index) * HOUR_MS).flatMap((at, index) =>
    Array.from({ length: 2 }, (_unused, call) =>
      callAt(agent, at + call * 60_000, `${agent}-${index}-${call}`, 1 + ((index * 7) % 5) / 50),
    ),
  )
}

/** One call of about a cent: 2,000 tokens in and 500 out on gpt-4o. */
export function callAt(agent: string, at: number, id: string, times = 1, more: TrackedFact = {}): TrackedFact {
  return {
    ...{ agent_name: agent, model: 'gpt-4o', input_tokens: Math.round(2_000 * times), output_tokens: Math.round(500 * times) },
    ...{ timestamp: new Date(at).toISOString(), call_id: id, organization_id: 'acme' },
    ...more,
  }
}

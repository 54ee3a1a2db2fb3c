import type { FleetEvent } from './fleet.ts'

const BATCH = 200

/** Sends the events in their order: neighbouring calls in batches, the others one by one, as an SDK's queue would. */
export async function playOver(
  url: string,
  events: readonly FleetEvent[],
  output: { write(text: string): unknown; isTTY?: boolean },
): Promise<void> {
  let waiting: Record<string, unknown>[] = []
  let sent = 0
  const flush = async (): Promise<void> => {
    if (waiting.length === 0) return
    const answer = await post<{ refused: number; results: unknown[] }>(url, '/v1/finops/calls/batch', { calls: waiting })
    if (answer.refused > 0)
      throw new Error(`the server refused ${answer.refused} calls of the demonstration: ${JSON.stringify(answer.results).slice(0, 500)}`)
    sent += waiting.length
    waiting = []
    if (output.isTTY === true) output.write(`\r  playing two weeks of calls … ${sent.toLocaleString('en-US')}`)
  }
  for (const event of events) {
    if (event.path === '/v1/finops/calls/track') waiting.push(event.body)
    else {
      // A run may end only after the calls that were made in it; its start may come after a call that names it.
      if (event.path === '/v1/finops/workflows/end') await flush()
      await post(url, event.path, event.body)
    }
    if (waiting.length >= BATCH) await flush()
  }
  await flush()
  output.write(`${output.isTTY === true ? '\r\u001b[2K' : ''}  ${sent.toLocaleString('en-US')} calls of 3 teams played\n\n`)
}

async function post<T>(url: string, path: string, body: unknown): Promise<T> {
  const answer = await fetch(url + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`)
  return (await answer.json()) as T
}

import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A request as it arrived. */
export interface Received {
  readonly path: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Readonly<Record<string, unknown>>
}

export type Answer = (received: Received, response: ServerResponse) => void

export interface StubPurser {
  readonly url: string
  readonly received: Received[]
  /** Answers to give before the usual one, in order. */
  readonly script: Answer[]
  /** Bodies of all calls in all batches that were answered as usual. */
  calls(): Readonly<Record<string, unknown>>[]
  close(): Promise<void>
}

/** The tracking paths of the server, answering as documented, or as the script says. */
export async function startStubPurser(): Promise<StubPurser> {
  const received: Received[] = []
  const accepted: Readonly<Record<string, unknown>>[] = []
  const script: Answer[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString('utf8') || '{}') as Record<string, unknown>
      const one = { path: request.url ?? '', headers: request.headers, body }
      received.push(one)
      const scripted = script.shift()
      if (scripted !== undefined) {
        scripted(one, response)
        return
      }
      const calls = body.calls as Record<string, unknown>[] | undefined
      if (calls !== undefined) accepted.push(...calls)
      answerJson(response, 200, calls === undefined ? { replayed: false } : batchAnswer(calls))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    script,
    calls: () => accepted,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

export function batchAnswer(calls: readonly Readonly<Record<string, unknown>>[]): Record<string, unknown> {
  const results = calls.map((call, index) => ({ index, call_id: call.call_id, cost: null, status: 'unpriced' }))
  return { accepted: calls.length, replayed: 0, refused: 0, cost_usd: 0, cost: '0', unpriced: calls.length, results }
}

export function answerJson(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify(body))
}

export function problem(status: number, code: string, headers: Record<string, string> = {}): Answer {
  return (_, response) => answerJson(response, status, { code, detail: `refused as ${code}`, path: '/x' }, headers)
}

import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface StubProvider {
  readonly url: string
  /** Bodies as they arrived. */
  readonly requests: Readonly<Record<string, unknown>>[]
  close(): Promise<void>
}

/** A provider's HTTP side on a loopback port: every request gets what `answer` writes. */
export async function startStubProvider(
  answer: (response: ServerResponse, body: Readonly<Record<string, unknown>>, path: string) => void,
): Promise<StubProvider> {
  const requests: Readonly<Record<string, unknown>>[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString('utf8') || '{}') as Record<string, unknown>
      requests.push(body)
      answer(response, body, request.url ?? '')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

export function sendJson(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json', 'x-request-id': 'req_1', 'request-id': 'req_1' })
  response.end(JSON.stringify(body))
}

/** Server-sent events; with `isOpen` the stream stays open after them. */
export function sendEvents(response: ServerResponse, events: readonly object[], { named = false, isOpen = false } = {}): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'x-request-id': 'req_1', 'request-id': 'req_1' })
  for (const event of events) {
    const name = named ? `event: ${(event as { type?: string }).type}\n` : ''
    response.write(`${name}data: ${JSON.stringify(event)}\n\n`)
  }
  if (isOpen) return
  if (!named) response.write('data: [DONE]\n\n')
  response.end()
}

import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Received {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface Receiver {
  readonly url: string
  readonly port: number
  /** All that came, in order. */
  readonly received: Received[]
  /** What it answers from now on; nothing at all for `silent`. */
  answer(status: number | 'silent', headers?: Record<string, string>): void
  /** Resolves when so many have come. */
  until(count: number): Promise<void>
  close(): Promise<void>
}

/** A receiver of webhooks on this machine, for tests. */
export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = []
  let status: number | 'silent' = 200
  let sent: Record<string, string> = {}
  const waiting: (() => void)[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk
    })
    request.on('end', () => {
      received.push({ path: request.url ?? '', headers: request.headers, body })
      for (const wake of waiting.splice(0)) wake()
      if (status !== 'silent') response.writeHead(status, sent).end('{}')
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/hook`,
    port,
    received,
    answer(code, headers = {}) {
      status = code
      sent = headers
    },
    async until(count) {
      while (received.length < count) await new Promise<void>((resolve) => waiting.push(resolve))
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

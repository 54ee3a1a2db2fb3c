import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Synthetic, syntheticCompletion, syntheticStream } from '../../../conformance/upstream/synthetic.ts'

/** The provider that all contenders forward to: it answers at once, a whole answer or a stream, and a stream's usage where it is asked for. */
const plan = JSON.parse(process.argv[2] ?? '') as Synthetic

const completion = syntheticCompletion(plan)
const withUsage = syntheticStream(plan)
const withoutUsage = withUsage.filter((_, index) => index !== plan.chunks + 1)

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const body = Buffer.concat(chunks)
    if (!body.includes('"stream":true')) {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': completion.length })
      response.end(completion)
      return
    }
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
    sendEach(response, body.includes('"include_usage":true') ? withUsage : withoutUsage, 0)
  })
})
server.keepAliveTimeout = 60_000

/** One event at a time, so that each travels by itself as a model's does. */
function sendEach(response: ServerResponse, events: readonly Buffer[], at: number): void {
  const event = events[at]
  if (event === undefined) {
    response.end()
    return
  }
  response.write(event)
  setImmediate(sendEach, response, events, at + 1)
}

server.listen(0, '127.0.0.1', () => process.send?.({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }))

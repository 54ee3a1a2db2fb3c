import type { ServerResponse } from 'node:http'
import { fastify } from 'fastify'
import { type Dispatcher, Pool } from 'undici'

/** The least that a streaming proxy can do on the libraries of the gateway: nothing is read, checked, counted or kept. */
const pool = new Pool(process.argv[2] ?? '', { connections: 128, pipelining: 1 })
const app = fastify({ logger: false })

app.removeAllContentTypeParsers()
app.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
app.post('/*', (request, reply) => {
  reply.hijack()
  const { authorization = '' } = request.headers
  const headers = { 'content-type': 'application/json', 'content-length': request.headers['content-length'] ?? '', authorization }
  pool.dispatch({ path: request.url, method: 'POST', headers, body: request.raw }, forwarding(reply.raw))
})

function forwarding(response: ServerResponse): Dispatcher.DispatchHandler {
  return {
    onRequestStart() {},
    onResponseStart(_controller, status, { 'transfer-encoding': _chunked, connection: _connection, ...headers }) {
      response.writeHead(status, headers)
    },
    onResponseData(_controller, chunk) {
      response.write(chunk)
    },
    onResponseEnd() {
      response.end()
    },
    onResponseError(_controller, error) {
      response.destroy(error)
    },
  }
}

process.send?.({ url: await app.listen({ host: '127.0.0.1', port: 0 }) })

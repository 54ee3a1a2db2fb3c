import { EventEmitter } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type TestServer, testServer } from '../../../../conformance/http/test-server.ts'
import { LOCAL_CALLER } from '../../operations/index.ts'
import { errorDialect } from './dialects/index.ts'
import type { AnswerTaker } from './forward.ts'
import type { Gateway } from './gateway.ts'
import { type Passing, passThrough } from './pass-through.ts'
import { routeOf } from './route.ts'
import { readUpstreams } from './upstreams.ts'

const ANSWER = JSON.stringify({
  object: 'chat.completion',
  model: 'gpt-4o',
  choices: [],
  usage: { prompt_tokens: 10, completion_tokens: 2 },
})

let server: TestServer
beforeAll(async () => {
  server = await testServer()
})
afterAll(() => server.close())

it('posts an answer once whose client goes away when all was sent and not all has arrived', async () => {
  const faults: unknown[] = []
  let taker: AnswerTaker | undefined
  const upstreams = new Map(readUpstreams({}, []).map((upstream) => [upstream.name, upstream]))
  const sender = {
    send(_origin: string, _request: object, taking: AnswerTaker) {
      taker = taking
      return { abort: () => undefined, resume: () => undefined }
    },
    close: async () => undefined,
  }
  const gateway = {
    services: server.services,
    upstreams,
    sender,
    onFault: (error: unknown) => void faults.push(error),
  } as unknown as Gateway
  const outgoing = Object.assign(new EventEmitter(), {
    writableFinished: false,
    headersSent: false,
    destroyed: false,
    writeHead: () => undefined,
    write: () => false,
    end: () => undefined,
  })
  const url = '/openai/v1/what-is-new'
  const passing = {
    incoming: { method: 'POST', url, headers: {} } as IncomingMessage,
    outgoing: outgoing as unknown as ServerResponse,
    route: routeOf(upstreams, 'POST', url),
    telling: { dialect: errorDialect({ dialect: 'openai' }, url) },
    asker: { caller: LOCAL_CALLER, requestId: 'r', payload: Readable.from([]) },
  } as unknown as Passing
  const done = passThrough(gateway, passing)
  taker?.onHead(200, { 'content-type': 'application/json' })
  taker?.onData(Buffer.from(ANSWER))
  taker?.onEnd()
  outgoing.emit('close')
  await done
  await new Promise((resolve) => setTimeout(resolve, 50))
  const entries = await server.services.ledger.read(0, 100)
  expect(entries.filter(({ event }) => event.kind === 'call')).toHaveLength(1)
  expect(faults).toEqual([])
})

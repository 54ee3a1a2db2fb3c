import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What a provider was asked. */
export interface Asked {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly text: string
  readonly body: Readonly<Record<string, unknown>>
}

export interface FakeProvider {
  readonly url: string
  readonly asked: readonly Asked[]
  /** Answers from now on. */
  answer(how: (asked: Asked, response: ServerResponse) => void): void
  close(): Promise<void>
}

/** A provider on this machine that answers what a test says, and remembers what it was asked. */
export async function fakeProvider(first: (asked: Asked, response: ServerResponse) => void = chatAnswer()): Promise<FakeProvider> {
  let how = first
  const asked: Asked[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8')
      const one = { method: request.method ?? '', path: request.url ?? '', headers: request.headers, text, body: parsed(text) }
      asked.push(one)
      how(one, response)
    })
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    answer(next) {
      how = next
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}

export interface ChatUsage {
  readonly prompt_tokens: number
  readonly completion_tokens: number
}

const USAGE: ChatUsage = { prompt_tokens: 10, completion_tokens: 2 }

/** An answer of the API of chat completions: whole, or as the stream that was asked for. */
export function chatAnswer(
  usage: ChatUsage = USAGE,
  words: readonly string[] = ['Hel', 'lo'],
): (asked: Asked, response: ServerResponse) => void {
  return ({ body }, response) => {
    const total = { ...usage, total_tokens: usage.prompt_tokens + usage.completion_tokens }
    const head = { id: 'chatcmpl-1', created: 1, model: body.model }
    if (body.stream !== true) {
      const choice = { index: 0, message: { role: 'assistant', content: words.join('') }, finish_reason: 'stop' }
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ ...head, object: 'chat.completion', choices: [choice], usage: total }))
      return
    }
    const counts = (body.stream_options as { include_usage?: boolean } | undefined)?.include_usage === true
    response.setHeader('content-type', 'text/event-stream; charset=utf-8')
    writeSlowly(response, [...chatEvents(head, words, counts ? total : null), 'data: [DONE]\n\n'])
  }
}

/** As a model writes: a few words, then others may do something. */
function writeSlowly(response: ServerResponse, events: readonly string[]): void {
  const [now, later] = [events.slice(0, EVENTS_AT_ONCE), events.slice(EVENTS_AT_ONCE)]
  response.write(now.join(''))
  if (response.destroyed) return
  if (later.length === 0) response.end()
  else setTimeout(writeSlowly, 2, response, later)
}

const EVENTS_AT_ONCE = 8

function chatEvents(head: object, words: readonly string[], usage: object | null): string[] {
  const none = usage === null ? {} : { usage: null }
  const event = (choices: unknown, more: object): string =>
    `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices, ...more })}\n\n`
  return [
    ...words.map((content) => event([{ index: 0, delta: { content }, finish_reason: null }], none)),
    event([{ index: 0, delta: {}, finish_reason: 'stop' }], none),
    ...(usage === null ? [] : [event([], { usage })]),
  ]
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text)
  } catch {
    return {}
  }
}

import type { IncomingHttpHeaders } from 'node:http'
import type { Millis } from '../../../kernel/index.ts'
import type { CachedAnswer } from '../../../operations/index.ts'
import { finishOf, type Usage } from '../../../usage/index.ts'

/** Takes down an answer as it is sent to its client, and keeps it if it turns out to be worth it. */
export interface Recorder {
  push(chunk: Buffer): void
  /** Called once, for an answer that has come whole. */
  ended(end: { readonly headers: IncomingHttpHeaders; readonly usage: Usage; readonly callId: string }): void
}

export interface Worth {
  readonly maxAnswerBytes: number
  readonly toolCalls: boolean
}

/** An answer with one of these is not whole. */
const BROKEN = new Set(['cut_off', 'error_in_stream'])

/** Keeps whole answers that ended by themselves, and those that call tools where that is wanted; nothing that is longer than is kept. */
export function recorder(now: () => Millis, { maxAnswerBytes, toolCalls }: Worth, keep: (answer: CachedAnswer) => void): Recorder {
  let chunks: Buffer[] = []
  let bytes = 0
  return {
    push(chunk) {
      bytes += chunk.length
      if (bytes <= maxAnswerBytes) chunks.push(chunk)
      else chunks = []
    },
    ended({ headers, usage, callId }) {
      const contentType = headers['content-type'] ?? ''
      const encoding = headers['content-encoding'] ?? 'identity'
      if (bytes === 0 || bytes > maxAnswerBytes || encoding !== 'identity' || usage.notes.some(({ code }) => BROKEN.has(code))) return
      const body = Buffer.concat(chunks)
      const finish = finishOf(body, contentType)
      if (finish === 'complete' || (finish === 'tool_calls' && toolCalls)) keep({ body, contentType, usage, storedAt: now(), callId })
    },
  }
}

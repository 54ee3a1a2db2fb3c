import { type Facts, objectOf, withoutContent } from '../redact.ts'
import type { Shape } from './call.ts'
import { observeClient, type Target } from './client.ts'
import type { ObserveOptions } from './observation.ts'
import { chatChunks, responseEvents } from './openai-streams.ts'

export interface ObserveOpenAIOptions extends ObserveOptions {
  /**
   * OpenAI reports the usage of a chat stream only when asked. `hide` (default) asks, with `stream_options.include_usage`, and keeps the
   * extra last chunk (it has usage and empty `choices`) from the caller, who did not ask for it; `pass` hands it on; `never` changes no
   * request, and such streams are reported without usage. A request that has `stream_options` is never changed.
   */
  readonly streamUsage?: 'pass' | 'hide' | 'never' | undefined
}

/**
 * A client like the one given, whose `chat.completions.create`, `responses.create`, `completions.create` and `embeddings.create` are reported,
 * with all helpers built on them (`stream`, `parse`, `runTools`). Works with every provider that the openai package can talk to.
 *
 * ```ts
 * const openai = observeOpenAI(new OpenAI(), { agentName: 'DataAnalyzer' })
 * const answer = await openai.chat.completions.create({ model: 'gpt-4o', messages })
 * ```
 */
export function observeOpenAI<T extends object>(client: T, options: ObserveOpenAIOptions = {}): T {
  const { streamUsage = 'hide', ...own } = options
  const prepare = (request: Facts): Facts =>
    asksForUsage(request, streamUsage) ? { ...request, stream_options: { include_usage: true } } : request
  const chat = (request: Facts): Shape => ({
    read: (answer) => ({ facts: withoutContent(answer) }),
    openStream: () => chatChunks({ hidesUsage: streamUsage === 'hide' && asksForUsage(request, streamUsage) }),
  })
  const targets: Target[] = [
    { path: ['chat', 'completions', 'create'], shape: chat, prepare },
    { path: ['completions', 'create'], shape: chat, prepare },
    { path: ['responses', 'create'], shape: () => ({ read: readResponse, openStream: responseEvents }) },
    { path: ['embeddings', 'create'], shape: chat },
  ]
  return observeClient(client, 'sdk:openai', targets, own)
}

function asksForUsage(request: Facts, streamUsage: 'pass' | 'hide' | 'never'): boolean {
  return streamUsage !== 'never' && request.stream === true && request.stream_options === undefined
}

/** A response may have failed inside a 200. */
function readResponse(answer: Facts): { facts: Facts; failure?: string } {
  const facts = withoutContent(answer)
  if (answer.status !== 'failed' && answer.status !== 'cancelled') return { facts }
  const code = objectOf(answer.error)?.code
  return { facts, failure: typeof code === 'string' ? code : String(answer.status) }
}

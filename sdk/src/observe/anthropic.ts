import { withoutContent } from '../redact.ts'
import { messageEvents } from './anthropic-stream.ts'
import type { Shape } from './call.ts'
import { observeClient } from './client.ts'
import type { ObserveOptions } from './observation.ts'

const messages: Shape = { read: (answer) => ({ facts: withoutContent(answer) }), openStream: messageEvents }

/**
 * A client like the one given, whose `messages.create` and `beta.messages.create` are reported, with all helpers built on them
 * (`messages.stream`, `parse`, the tool runner). Works with the clients for Bedrock and Vertex too.
 *
 * ```ts
 * const anthropic = observeAnthropic(new Anthropic(), { agentName: 'Reviewer' })
 * const stream = anthropic.messages.stream({ model: 'claude-opus-4-8', max_tokens: 1024, messages })
 * ```
 */
export function observeAnthropic<T extends object>(client: T, options: ObserveOptions = {}): T {
  const paths = [
    ['messages', 'create'],
    ['beta', 'messages', 'create'],
  ]
  return observeClient(
    client,
    'sdk:anthropic',
    paths.map((path) => ({ path, shape: () => messages })),
    options,
  )
}

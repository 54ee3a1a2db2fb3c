/** A made-up answer whose size and usage are known beforehand, for measuring: nothing is matched, parsed or cut when it is sent. */
export interface Synthetic {
  readonly chunks: number
  /** Characters of text in each chunk. */
  readonly chunkChars: number
  readonly promptTokens: number
  readonly completionTokens: number
}

const MODEL = 'gpt-4o-2024-08-06'

/** Server-sent events of the chat API, with the usage in the last one before the end. */
export function syntheticStream({ chunks, chunkChars, ...usage }: Synthetic): Buffer[] {
  const events = Array.from({ length: chunks }, (_, index) => ({
    ...envelope('chat.completion.chunk'),
    choices: [{ index: 0, delta: index === 0 ? { role: 'assistant', content: textOf(chunkChars) } : { content: textOf(chunkChars) } }],
    usage: null,
  }))
  const last = { ...envelope('chat.completion.chunk'), choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], usage: null }
  const counted = { ...envelope('chat.completion.chunk'), choices: [], usage: usageOf(usage) }
  return [...[...events, last, counted].map((event) => `data: ${JSON.stringify(event)}\n\n`), 'data: [DONE]\n\n'].map((text) =>
    Buffer.from(text),
  )
}

/** The same answer in one document. */
export function syntheticCompletion({ chunks, chunkChars, ...usage }: Synthetic): Buffer {
  const message = { role: 'assistant', content: textOf(chunks * chunkChars) }
  return Buffer.from(
    JSON.stringify({
      ...envelope('chat.completion'),
      choices: [{ index: 0, message, finish_reason: 'stop' }],
      usage: usageOf(usage),
    }),
  )
}

function envelope(object: string): Readonly<Record<string, unknown>> {
  return { id: 'chatcmpl-synthetic', object, created: 1_750_000_000, model: MODEL, service_tier: 'default' }
}

function usageOf({
  promptTokens,
  completionTokens,
}: Pick<Synthetic, 'promptTokens' | 'completionTokens'>): Readonly<Record<string, unknown>> {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    prompt_tokens_details: { cached_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0 },
  }
}

function textOf(chars: number): string {
  return 'lorem ipsum dolor sit amet '.repeat(Math.ceil(chars / 27)).slice(0, chars)
}

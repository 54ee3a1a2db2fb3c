import type { Shape } from './shape.ts'

/** Counting tokens before a call (Anthropic `count_tokens`, Gemini `countTokens`, OpenAI `input_tokens`): nothing is consumed, so there is no inference. */
export const countTokensShape: Shape = {
  endpoint: 'count_tokens',
  recognises(payload) {
    const counted = typeof payload.input_tokens === 'number' || typeof payload.totalTokens === 'number'
    return counted && payload.usage === undefined && payload.usageMetadata === undefined
  },
  open: () => ({
    take: () => undefined,
    write: () => true,
    text: () => '',
    finished: () => true,
  }),
}
